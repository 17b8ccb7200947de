/**
 * Letters of other scripts, and Latin's own oddities, that are drawn like a Latin letter: after Unicode
 * TS 39, of what toLowerCase() leaves. A letter whose capital is drawn like another one goes with its
 * capital, whose likeness is exact (Ν is N, Η is H).
 */
const letters: Readonly<Record<string, string>> = {
  a: 'аαɑᴀ',
  b: 'вьβʙ',
  c: 'сϲᴄ',
  d: 'ԁᴅ',
  e: 'еεɛᴇ',
  f: 'ꜰ',
  g: 'ɡցɢ',
  h: 'һнηհʜ',
  i: 'іιıɩɪ',
  j: 'јϳյᴊ',
  k: 'кκᴋ',
  l: 'ӏʟ',
  m: 'мμᴍ',
  n: 'νոɴ',
  o: 'оοօᴏ',
  p: 'рρᴘ',
  q: 'ԛզ',
  r: 'ʀ',
  s: 'ѕꜱ',
  t: 'тτᴛ',
  u: 'սᴜʋ',
  v: 'ѵᴠ',
  w: 'ԝᴡ',
  x: 'хχ',
  y: 'уүγυʏ',
  z: 'ζᴢ',
  "'": '‘’‛ʼʹ′`´',
  '-': '‐‑‒–—−',
}

const latinOf: ReadonlyMap<string, string> = new Map(
  Object.entries(letters).flatMap(([latin, alike]) =>
    Array.from(alike, (letter) => [letter, latin] as const),
  ),
)

/** Gives the Latin letter or plain sign that a lower-case letter is drawn like, or the letter itself. */
export const latinLookAlike = (letter: string): string => latinOf.get(letter) ?? letter

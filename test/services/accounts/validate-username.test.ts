import assert from 'node:assert/strict'
import { validateUsername } from '../../../services/accounts/validate-username.js'

describe('validateUsername', () => {
  const good: readonly (readonly [string, string])[] = [
    ['one letter', 'a'],
    ['255 letters', 'a'.repeat(255)],
    ['255 letters of two units each', '𝒶'.repeat(255)],
    ['255 letters between spaces', ` ${'a'.repeat(255)} `],
    ['an e-mail address', 'ana.souza+x@example.com'],
    ['accents', 'João D’Ávila'],
    ['Greek', 'Νίκος Παπαδόπουλος'],
    ['Cyrillic', 'Иван'],
    ['Chinese', '王小明'],
    ['Arabic', 'محمد'],
    ['an emoji', 'ana 🌵'],
  ]
  for (const [what, name] of good)
    it(`takes ${what}`, () => assert.equal(validateUsername(name), 'ok'))

  const bad: readonly (readonly [string, string])[] = [
    ['an empty name', ''],
    ['nothing but spaces', ' \u00a0\u3000\t'],
    ['256 letters', 'a'.repeat(256)],
    ['a name far too long', ' '.repeat(100_000) + 'a'],
    ['a NUL', 'ana\0'],
    ['a line feed', 'ana\nbob'],
    ['a bell', 'ana\u0007'],
    ['a zero-width space', 'an\u200ba'],
    ['a zero-width joiner', 'an\u200da'],
    ['a byte-order mark within', 'an\ufeffa'],
    ['a soft hyphen', 'an\u00ada'],
    ['a text turned around', 'ana\u202ebob'],
    ['a direction mark', 'ana\u200f'],
    ['an isolate', '\u2066ana\u2069'],
    ['a tag letter', 'ana\u{e0061}'],
    ['a variation selector', 'ana\ufe0f'],
    ['a Hangul filler', '\u3164'],
    ['an empty Braille cell', 'ana\u2800'],
    ['a lone half of a pair', 'ana\ud800'],
    ['a private letter', 'ana\ue000'],
    ['a letter that Unicode does not know', 'ana\u0378'],
    ['scripts that nobody writes daily', 'ꓐꓳꓐ'],
    ['a nu among Latin letters', 'ke\u03bdin'],
  ]
  for (const [what, name] of bad)
    it(`refuses ${what}`, () => assert.equal(validateUsername(name), 'invalid'))
})

/** Titles before a person's name, folded. */
export const titles =
  'dr dra drs prof profa eng enga engo sr sra srta mr mrs ms miss adv arq'.split(' ')

/** Words that stand before a name only where somebody is spoken to. */
export const spokenTitles = ['dona', 'dono', 'seu', 'senhor', 'senhora']

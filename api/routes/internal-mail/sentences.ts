import type { Sentence } from '../../http/reader-language.js'

/** Stand in the place of a message that no key opens. */
export const unreadableMessage = {
  title: { pt: 'Mensagem ilegível', en: 'Unreadable message' },
  body: {
    pt: 'Esta mensagem não pode ser aberta: falta a chave que a guardou. Avise quem administra o sistema.',
    en: 'This message can’t be opened: the key that kept it is missing. Tell whoever runs the system.',
  },
} as const satisfies Readonly<Record<string, Sentence>>

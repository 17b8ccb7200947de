import type { LabelledSample } from '../../../engine/samples.js'

const things = ['mesa', 'cadeira', 'lampada', 'estante', 'cortina', 'tapete', 'quadro', 'vaso']
const sayings: Readonly<Record<string, readonly string[]>> = {
  pedido: ['quero comprar', 'faço encomenda', 'preciso adquirir'],
  queixa: ['chegou quebrada', 'veio errada', 'está com defeito'],
  elogio: ['adorei', 'ficou linda', 'recomendo muito'],
}

/** Rows of three classes that a model can learn. */
export const shopRows: readonly LabelledSample[] = Object.entries(sayings).flatMap(
  ([label, says]) =>
    things.flatMap((thing) => says.map((say) => ({ text: `${say} ${thing}`, label }))),
)

export const toJsonLines = (rows: readonly LabelledSample[]): string =>
  rows.map((row) => JSON.stringify(row)).join('\n')

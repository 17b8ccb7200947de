import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { evaluate } from '../../../../engine/evaluation/evaluate.js'
import { renderHtml } from '../../../../engine/evaluation/html/render-html.js'
import { makeRows, row } from '../judged-rows.js'

const render = (labels: readonly string[]) => {
  const rows = makeRows({ rows: 500, labels })
  const section = { title: 'all', against: 'model 7', evaluation: evaluate(rows, rows) }
  return renderHtml({ title: 'Triagem: texts', sections: [section] })
}

describe('renderHtml', () => {
  it('should load nothing and run nothing, and allow its style by hash alone', () => {
    const page = render(['a', 'b'])
    assert.doesNotMatch(page, /<script|<link|<img|<iframe|@import|url\(|\son\w+=|\sstyle=/iu)
    assert.deepEqual(page.match(/(?:src|href)=/giu), null)
    const style = /<style>([\s\S]*)<\/style>/u.exec(page)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    assert.ok(page.includes(`style-src &#39;sha256-${hash}&#39;`))
  })

  it('should escape what comes from data, everywhere', () => {
    const hostile = '"><script>alert(1)</script>\'&'
    const rows = [row(hostile, 'b', { language: hostile }), row('b', hostile), row('b', 'b')]
    const evaluation = evaluate(rows, rows)
    const section = { title: hostile, against: hostile, evaluation }
    const page = renderHtml({ title: hostile, sections: [section, section] })
    assert.ok(!page.includes('<script') && page.includes('&lt;script&gt;'))
    const tags = page.match(/<(?!\/)[^>]*>/gu) ?? []
    assert.ok(tags.every((tag) => (tag.match(/"/gu) ?? []).length % 2 === 0))
  })

  it('should draw a map of few classes, and list the pairs of many', () => {
    assert.match(render(['a', 'b', 'c']), /aria-label="Confusion map/u)
    const page = render(Array.from({ length: 31 }, (_, at) => `class ${at}`))
    assert.doesNotMatch(page, /aria-label="Confusion map/u)
    assert.match(page, /The 30 most frequent of \d+ pairs/u)
  })

  it('should draw finite coordinates for whatever there is, nothing included', () => {
    for (const rows of [[], [row('a', 'a')], [row('a', 'b', { needsReview: true })]]) {
      const section = { title: 'all', against: null, evaluation: evaluate(rows) }
      assert.doesNotMatch(
        renderHtml({ title: 'x', sections: [section] }),
        /NaN|Infinity|undefined/u,
      )
    }
  })
})

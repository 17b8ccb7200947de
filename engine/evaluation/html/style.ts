/** One accent hue for what was measured, a neutral for what it is measured against. */
export const style = `
:root { color-scheme: light dark; --paper: #fdfdfc; --ink: #1d2329; --soft: #626b75; --line: #dfe2e5; --mark: #1f6f8b; --faint: #c9dde5; --bad: #b5472f }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15191d; --ink: #e4e7ea; --soft: #9aa4ae; --line: #333b43; --mark: #6fb9d3; --faint: #28424d; --bad: #e58a73 }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 64rem; margin: 0 auto; padding: 2rem 1.25rem 4rem }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 .25rem; overflow-wrap: anywhere }
h2 { font-size: 1.05rem; font-weight: 400; color: var(--soft); margin: .25rem 0 0; overflow-wrap: anywhere }
h2 ~ h2 { margin-top: 4rem; padding-top: 2rem; border-top: 1px solid var(--line) }
h3 { font-size: 1.05rem; margin: 2.5rem 0 .25rem }
p { margin: .25rem 0 .75rem; color: var(--soft); max-width: 44rem; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem; margin: 1.5rem 0 0 }
dt { color: var(--soft); font-size: .85rem }
dd { margin: 0; font-size: 1.6rem; font-variant-numeric: tabular-nums }
dd small { display: block; font-size: .8rem; color: var(--soft) }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 0 2.5rem }
.wide { overflow-x: auto }
svg { display: block; max-width: 100%; height: auto }
.wide svg { max-width: none }
svg text { fill: var(--soft); font: 11px system-ui, sans-serif; font-variant-numeric: tabular-nums }
svg .name { fill: var(--ink) }
svg .end { text-anchor: end }
svg .middle { text-anchor: middle }
svg .rule { stroke: var(--line); stroke-width: 1 }
svg .ideal { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 4 }
svg .curve { fill: none; stroke: var(--mark); stroke-width: 2 }
svg .dot, svg .bar { fill: var(--mark) }
svg .track { fill: var(--faint) }
svg .here { fill: var(--paper); stroke: var(--bad); stroke-width: 2 }
svg .gap { stroke: var(--bad); stroke-width: 1.5 }
svg .hit { fill: var(--mark) }
svg .miss { fill: var(--bad) }
svg .count { fill: var(--ink) }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: .2rem 1.25rem .2rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere }
th { font-weight: 600; font-size: .85rem; color: var(--soft) }
td:first-child { min-width: 9rem }
td.number, th.number { text-align: right; white-space: nowrap }
@media print { main { padding: 0 } }
`

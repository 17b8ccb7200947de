import { checkBaseline, judgeByBaseline } from '../baseline.js'
import { hold } from '../contest.js'
import { readBanking } from '../data/banking.js'
import type { BenchRow } from '../data/bench-row.js'
import { thin } from '../data/bench-row.js'
import { readPersonal } from '../data/personal.js'
import { readSpam } from '../data/spam.js'
import { dealLikeEngine, judgeFolds } from '../judge.js'
import { reportContests } from '../report-contests.js'
import type { PartReport, Setting } from '../setting.js'

const foldsNote =
  'Five folds, stratified, the same for both: each row is judged by what the other four taught, its confidence by a calibration of those four.'

/** banking77's train part, with and without the embedding. These texts were in the embedding's fit. */
export async function measureBanking(setting: Setting): Promise<PartReport> {
  const rows = thin(await readBanking(setting.shared), setting.maxRows)
  const folded = dealLikeEngine(rows)
  const baseline = await judgeByBaseline(setting, folded)
  const check = await checkBaseline(setting, folded, baseline)
  const contests = [
    { name: 'banking77', embedding: setting.embedding },
    { name: 'banking77 without dense features', embedding: undefined },
  ].map(({ name, embedding }) => hold(name, judgeFolds(name, 'texts', rows, embedding), baseline))
  const notes = [foldsNote, 'That dense features are used is chosen once, on all rows.', check]
  return reportContests({ aimed: contests, calibrated: contests, notes })
}

/** Raw mails, ham and spam. */
export async function measureSpam(setting: Setting): Promise<PartReport> {
  const name = 'spamassassin'
  const rows = thin(await readSpam(setting.python, setting.shared), setting.maxRows)
  const baseline = await judgeByBaseline(setting, dealLikeEngine(rows))
  const contest = hold(name, judgeFolds(name, 'texts', rows, setting.embedding), baseline)
  return reportContests({
    aimed: [contest],
    calibrated: [contest],
    notes: [
      foldsNote,
      'Text: the subject and the body as it came, markup included, read as Latin-1, the first 10,000 characters.',
    ],
  })
}

/** A person's card lines. */
export async function measurePersonal(setting: Setting): Promise<PartReport> {
  const rows = thin(await readPersonal(setting.shared), setting.maxRows)
  const ours = judgeFolds('personal', 'transactions', rows, setting.embedding)
  const whole = await judgeByBaseline(setting, dealLikeEngine(rows))
  const described = await judgeByBaseline(setting, dealLikeEngine(rows.map(describedOnly)))
  const contest = hold('transactions_en_personal', ours, whole)
  const other = hold('transactions_en_personal, baseline on the description alone', ours, described)
  return reportContests({
    aimed: [contest, other],
    calibrated: [],
    notes: [
      foldsNote,
      'Both know description, amount (a debit below 0) and date: the baseline as one string, the engine’s transactions task as fields. The baseline is tried on the description alone too, for it may be better so.',
    ],
  })
}

const describedOnly = (row: BenchRow): BenchRow => ({ ...row, baselineText: row.sample.text })

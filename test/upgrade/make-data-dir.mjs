// Makes data-dir-0.1.0.tar.gz and facts.json: a DATA_DIR as version 0.1.0 leaves it when it is killed at
// work, and what a later version must find in it.
//
//   node make-data-dir.mjs FOLDER_OF_0.1.0 OUT_FOLDER
//
// FOLDER_OF_0.1.0 is a clone at that version, built (`npm run build`). Everything is asked of the real
// product; by script is done only what it has no way to do: see the stopped() calls.
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

const [base, out] = process.argv.slice(2).map((path) => resolve(path))
const load = (file) => import(pathToFileURL(join(base, 'dist', file)).href)
const require = createRequire(join(base, 'package.json'))
const { Client, Connection } = require('@temporalio/client')
const { storeBatch, readBatchResults } = await load('activities/batches/batch-content.js')
const { createDataConverter } = await load('activities/adapters/payload-codec.js')
const { embeddedDatabaseFolder, openEmbeddedDatabase } = await load('db/database.js')
const { insertJob } = await load('db/jobs.js')
const { createKeyRing } = await load('db/key-ring.js')
const { completeSecrets } = await load('workers/embedded/generated-keys.js')
const { makePdf } = await load('test/activities/extraction/make-pdf.js')
const { acceptedJobId, postFile, postText, request, watchJob } = await load(
  'test/support/job-client.js',
)
const { startInferenceServer } = await load('test/support/inference-server.js')
const { endOther, endProcesses, findServer, lastingPort, runTriagem } = await load(
  'test/support/processes.js',
)
const { waitUntil } = await load('test/support/wait-until.js')

/** The sweeper deletes idempotency keys and marks of removed jobs a day old: these shall outlast years in git. */
const neverSwept = new Date('2100-01-01T00:00:00Z')
const work = await mkdtemp(join(tmpdir(), 'triagem-fixture-'))
const dataDir = join(work, 'data')
const port = await lastingPort()
const url = `http://127.0.0.1:${port}`
const temporalPort = await lastingPort()
const env = {
  PORT: String(port),
  DATA_DIR: dataDir,
  TEMPORAL_PORT: String(temporalPort),
  TEMPORAL_UI_PORT: String(await lastingPort()),
  LOG_LEVEL: 'warn',
}
const facts = {
  version: '0.1.0',
  made_at: new Date().toISOString(),
  set_by_script: [
    'idempotency_keys.created_at and the removed job’s jobs.deleted_at are in 2100, so that no sweep deletes them',
    'open_jobs.without_workflow is a row alone, 10 minutes old when this was made',
    'the batches were stored by storeBatch(); the done one was run by its workflow',
    'the schedule sweep-jobs was deleted just before the kill; a start makes it anew. Kept, it would be stuck once this archive is some months old',
    'server.lock, operator-key, temporal/server.json and temporal/server.log are removed',
  ],
}

async function start(settings = {}) {
  const product = runTriagem(['start'], { ...env, ...settings }, work)
  await product.saying(/Triagem is ready\./, 600_000)
  return product
}

/** Does something to the database of a product that does not run. */
async function stopped(what) {
  const secrets = await completeSecrets({ encryption: [], hash: [], signing: [] }, dataDir)
  const database = await openEmbeddedDatabase(embeddedDatabaseFolder(dataDir))
  try {
    return await what(database.db, createKeyRing(secrets.encryption), database.embedded)
  } finally {
    await database.close()
  }
}

async function withTemporal(what) {
  const { encryption } = await completeSecrets({ encryption: [], hash: [], signing: [] }, dataDir)
  const connection = await Connection.connect({ address: `127.0.0.1:${temporalPort}` })
  const dataConverter = createDataConverter(createKeyRing(encryption))
  return await what(new Client({ connection, dataConverter })).finally(() => connection.close())
}

const untilOver = (id) =>
  waitUntil(
    `job ${id} is over`,
    async () => {
      await delay(600) // Asked sooner than every 500 ms it answers 429.
      const { body } = await request(`${url}/job-status/${id}`)
      return ['completed', 'failed'].includes(body.status) ? body : undefined
    },
    60_000,
  )

const json = (method, body, token) => ({
  method,
  headers: {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
})

async function ask(path, init) {
  const { status, body } = await request(`${url}${path}`, init)
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`)
  return body
}

// --- What is finished -----------------------------------------------------------------------------

const mails = {
  text_pt:
    'Assunto: Pedido 4821\n\nBom dia, qual o andamento do meu pedido?\n\nAtenciosamente,\nMaria Souza',
  text_en:
    'Subject: Invoice 77\n\nHello, the invoice you sent has the wrong amount. Can you correct it?\n\nRegards,\nJohn Smith',
  text_pt_idle: 'Assunto: Feliz Natal\n\nDesejo a toda a equipe um ótimo Natal. Obrigado por tudo!',
}
const idempotency = { key: 'fixture-0.1.0-key', body: { text: mails.text_pt } }

async function finishJobs() {
  const pdf = (bytes, name) => ({ bytes, name, type: 'application/pdf' })
  const posted = {
    text_pt: await postText(url, mails.text_pt, { 'idempotency-key': idempotency.key }),
    text_en: await postText(url, mails.text_en),
    text_pt_idle: await postText(url, mails.text_pt_idle),
    pdf: await postFile(
      url,
      pdf(await makePdf(['Bom dia, preciso da segunda via do boleto de novembro.']), 'mail.pdf'),
    ),
    pdf_without_text: await postFile(url, pdf(await makePdf(['']), 'empty.pdf')),
  }
  facts.finished_jobs = {}
  for (const [name, answer] of Object.entries(posted))
    facts.finished_jobs[name] = { state: await untilOver(acceptedJobId(answer)) }
  facts.idempotency = {
    note: 'POST /classify-email with this Idempotency-Key and this JSON body, without credentials, gives job_id again; another body gives 422 idempotency_conflict',
    ...idempotency,
    job_id: facts.finished_jobs.text_pt.state.job_id,
  }
  const removed = acceptedJobId(await postText(url, 'Bom dia, podem me ligar hoje?'))
  await untilOver(removed)
  await ask(`/job/${removed}`, { method: 'DELETE' })
  facts.removed_job = { job_id: removed, expected: 'GET /job-status is 404; its row is a mark' }
}

// --- Accounts and mail ----------------------------------------------------------------------------

async function writeMail(product) {
  const [, adminPassword] = /account is made: admin, password (\S+)/.exec(product.said().out)
  const accounts = {
    admin: { id: 1, password: adminPassword, role: 'admin' },
    ana: { password: 'a senha da ana', role: 'user' },
    bruno: { password: 'a senha do bruno', role: 'user' },
  }
  for (const username of ['ana', 'bruno']) {
    const { password } = accounts[username]
    accounts[username].id = (await ask('/users/', json('POST', { username, password }))).id
  }
  const tokens = {}
  for (const [username, { password }] of Object.entries(accounts)) {
    const body = new URLSearchParams({ username, password })
    tokens[username] = (await ask('/token', { method: 'POST', body })).access_token
  }
  const send = (from, to, title, body) =>
    ask('/messages/', json('POST', { recipient_id: accounts[to].id, title, body }, tokens[from]))
  const { id: read } = await send('ana', 'bruno', 'Reunião', 'Às 15h na sala 2?')
  await send('bruno', 'ana', 'Re: Reunião', 'Combinado, até já. ✓')
  await send('ana', 'admin', 'Acesso', 'Preciso ver as métricas.')
  await ask(`/messages/${read}/read`, json('PUT', undefined, tokens.bruno))
  facts.accounts = accounts
  facts.mail = { read_message_id: read, inbox: {}, outbox: {} }
  for (const username of Object.keys(accounts))
    for (const box of ['inbox', 'outbox'])
      facts.mail[box][username] = await ask(
        `/messages/${box}/`,
        json('GET', undefined, tokens[username]),
      )
}

// --- A model of one's own -------------------------------------------------------------------------

const bankLines = {
  mercado: ['SUPERMERCADO BOM PRECO', 'MERCADO DA VILA', 'PADARIA SAO JOSE', 'HORTIFRUTI CENTRAL'],
  transporte: ['POSTO SHELL COMBUSTIVEL', 'UBER VIAGEM', 'BILHETE METRO RECARGA', 'ESTACIONAMENTO'],
  moradia: ['ALUGUEL APARTAMENTO', 'CONDOMINIO EDIFICIO SOL', 'CONTA DE LUZ', 'CONTA DE AGUA'],
}

async function trainModel() {
  const file = join(work, 'bank.csv')
  const rows = Object.entries(bankLines).flatMap(([label, texts], kind) =>
    Array.from({ length: 14 }, (_, at) => {
      const amount = (20 + kind * 200 + at * 7.5).toFixed(2).replace('.', ',')
      return `${texts[at % texts.length]} ${100 + at};-${amount};${String(1 + at).padStart(2, '0')}/10/2026;${label}`
    }),
  )
  await writeFile(file, ['description;amount;date;label', ...rows, ''].join('\n'))
  // The file's date goes into the model: with this one the model is the same each time.
  await utimes(file, new Date('2026-11-01T00:00:00Z'), new Date('2026-11-01T00:00:00Z'))
  const train = runTriagem(['train', 'transactions', file, '--promote'], env, work)
  const { code } = await train.ended
  const said = train.said()
  if (code !== 0 || !/is stored and current for transactions/.test(said.out))
    throw new Error(`${said.out}\n${said.err}`)
  facts.models = await ask('/models')
  const { id, version } = facts.models.find(({ task }) => task === 'transactions')
  facts.trained_model = { id, task: 'transactions', version }
}

// --- Batches, which have no route -----------------------------------------------------------------

async function storeBatches() {
  const items = (texts) => texts.map((text) => ({ text, amount: -35.5, date: '2026-11-03' }))
  facts.batches = {
    done: {
      id: randomUUID(),
      items: items(['MERCADO DA VILA 7', 'UBER VIAGEM 9', 'CONTA DE LUZ']),
    },
    open: {
      id: randomUUID(),
      items: items(['PADARIA SAO JOSE 3', 'POSTO SHELL 12', 'CONDOMINIO SOL', 'METRO RECARGA']),
      expected_labels: ['mercado', 'transporte', 'moradia', 'transporte'],
      note: 'its only chunk is not classified and it has no workflow',
    },
  }
  await stopped(async (db, keys) => {
    for (const { id, items } of Object.values(facts.batches))
      await db
        .transaction()
        .execute((trx) => storeBatch(trx, keys, { id, task: 'transactions', items }))
  })
}

const runBatch = (batchId) =>
  withTemporal((client) =>
    client.workflow.execute('classifyBatch', {
      taskQueue: 'interactive',
      workflowId: `classify-batch/${batchId}`,
      args: [{ batchId }],
    }),
  )

// --- What is under way ----------------------------------------------------------------------------

/** PendingActivityState of Temporal's API. */
const stateNames = { 1: 'SCHEDULED', 2: 'STARTED' }

/** Two jobs that wait for a provider that never answers, at different moments of that; one cancelled. */
async function killAtWork(product) {
  // The first call times out after 20 s: neither then nor before may the minute end, when the sweeper runs.
  await waitUntil('the minute is young', () => new Date().getSeconds() < 20, 60_000)
  const post = async (text) => acceptedJobId(await postText(url, text))
  const waiting = await post('Bom dia, o sistema está fora do ar desde ontem. Podem ajudar?')
  await delay(10_000)
  const asking = await post('Hello, could you please send me the contract again? Thank you, Paul.')
  const cancelled = await post('Bom dia, esqueçam o meu último pedido.')
  await withTemporal(async (client) => {
    const describe = async (id) => {
      const { raw, status } = await client.workflow.getHandle(`classify-email/${id}`).describe()
      const [activity] = raw.pendingActivities ?? []
      return { status: status.name, activity }
    }
    const step = async (id, attempt) => {
      const { activity } = await describe(id)
      const { name } = activity?.activityType ?? {}
      return name === 'classifyWithProvider' && activity.attempt >= attempt ? activity : undefined
    }
    await waitUntil('the job to be cancelled is under way', () => step(cancelled, 1), 8_000)
    const watch = watchJob(url, cancelled)
    await waitUntil('its socket is open', () => watch.frames.length > 0)
    // Its end, written with a wait for the disk, takes the steps of the other two to the disk too.
    watch.send({ type: 'cancel' })
    await watch.closed
    facts.cancelled_job = { state: await untilOver(cancelled) }
    await waitUntil(
      'its workflow has ended',
      async () => (await describe(cancelled)).status !== 'RUNNING',
      10_000,
    )
    // Temporal 1.32 looks at each minute that a schedule missed, and after months of them its scheduler ends
    // as a deadlock at every try: no sweep ever. The next start makes the schedule anew.
    await client.schedule.getHandle('sweep-jobs').delete()
    // Between two attempts: nothing runs, a timer does.
    const second = await waitUntil('the first try has failed', () => step(waiting, 2), 30_000)
    product.signal('SIGKILL')
    const first = await step(asking, 1)
    facts.open_jobs = {
      waiting_to_try_again: {
        job_id: waiting,
        attempt: second.attempt,
        activity_state: stateNames[second.state],
      },
      asking: { job_id: asking, attempt: first.attempt, activity_state: stateNames[first.state] },
    }
    await product.ended
    await endOther(await findServer(dataDir))
  })
}

/** What is left in the rows, one job that a crash left without a workflow, and a database at rest. */
async function finishDatabase() {
  await stopped(async (db, keys, pglite) => {
    const id = randomUUID()
    await insertJob(db, {
      id,
      source: 'text',
      content: keys.seal(
        Buffer.from('Boa tarde, quando chega a minha encomenda 993? Obrigada, Lia'),
      ),
    })
    const then = new Date(Date.now() - 600_000)
    await db
      .updateTable('jobs')
      .set({ created_at: then, updated_at: then })
      .where('id', '=', id)
      .execute()
    await db.updateTable('idempotency_keys').set({ created_at: neverSwept }).execute()
    await db
      .updateTable('jobs')
      .set({ deleted_at: neverSwept })
      .where('deleted_at', 'is not', null)
      .execute()
    facts.open_jobs.without_workflow = { job_id: id }
    for (const job of Object.values(facts.open_jobs)) {
      job.row = await db
        .selectFrom('jobs')
        .select(['status', 'step', 'progress', 'epoch', 'seq'])
        .where('id', '=', job.job_id)
        .executeTakeFirstOrThrow()
      job.expected = {
        status: 'completed',
        engine: 'local',
        // Without a provider in the settings the step that waited for one gives it up.
        degraded: job !== facts.open_jobs.without_workflow,
      }
    }
    const done = facts.batches.done
    done.results = await readBatchResults(db, keys, done.id)
    facts.batches.open.results = await readBatchResults(db, keys, facts.batches.open.id)
    for (const job of [facts.finished_jobs.pdf_without_text, facts.cancelled_job])
      job.row = await db
        .selectFrom('jobs')
        .select('error')
        .where('id', '=', job.state.job_id)
        .executeTakeFirstOrThrow()
    facts.removed_job.row = await db
      .selectFrom('jobs')
      .select(['status', 'step', 'error', 'content', 'extracted', 'outcome', 'deleted_at'])
      .where('id', '=', facts.removed_job.job_id)
      .executeTakeFirstOrThrow()
    facts.migrations = (await db.selectFrom('kysely_migration').select('name').execute()).map(
      ({ name }) => name,
    )
    facts.rows = {}
    for (const table of ['jobs', 'idempotency_keys', 'accounts', 'messages', 'models', 'batches']) {
      const { rows } = await pglite.query(`select count(*)::int as count from ${table}`)
      facts.rows[table] = rows[0].count
    }
    // A new segment of the log, and the old one removed instead of kept for later: 2 MB less in the archive.
    for (const statement of [
      'set wal_recycle = off',
      'checkpoint',
      'select pg_switch_wal()',
      'checkpoint',
    ])
      await pglite.query(statement)
  })
}

/** Without what names this machine's processes: a clean stop removes the same. */
async function pack() {
  for (const file of ['server.lock', 'operator-key', 'temporal/server.json', 'temporal/server.log'])
    await rm(join(dataDir, file), { force: true })
  await mkdir(out, { recursive: true })
  const archive = join(out, 'data-dir-0.1.0.tar.gz')
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name']
  const args = [...owner, '-I', 'gzip -9n', '-cf', archive, '-C', dataDir, '.']
  execFileSync('tar', args)
  await writeFile(join(out, 'facts.json'), `${JSON.stringify(facts, null, 2)}\n`)
  return (await stat(archive)).size
}

const provider = await startInferenceServer()
provider.behave({ mode: 'stalls' })
try {
  let product = await start()
  await finishJobs()
  await writeMail(product)
  await trainModel()
  await product.end('SIGTERM')
  await storeBatches()
  product = await start({ INFERENCE_ENDPOINT: provider.url(), INFERENCE_MODEL: 'none' })
  await runBatch(facts.batches.done.id)
  await killAtWork(product)
  await finishDatabase()
  console.log(`data-dir-0.1.0.tar.gz: ${((await pack()) / 1e6).toFixed(2)} MB`)
} finally {
  await endProcesses()
  await provider.close()
  await rm(work, { recursive: true, force: true })
}

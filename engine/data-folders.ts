import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Data is not compiled: it lies beside the sources, whether this file runs from there or from dist/. */
const above = dirname(dirname(fileURLToPath(import.meta.url)))
const data = join(basename(above) === 'dist' ? dirname(above) : above, 'engine', 'data')

/** Examples of mail, those that are learned and those that are held out. */
export const examplesFolder = join(data, 'examples')

/** The table of words that ships. */
export const embeddingFolder = join(data, 'embedding')

/** What was measured when the mail model that ships was last trained. */
export const measuredEmailFile = join(data, 'email-measured.json')

import { askEngineProcess, type EngineWork } from './engine-process.js'

export const loads = 5

/** How long fresh processes took to load it, in ms. */
export async function takeLoads(what: EngineWork['load']['input']['what']): Promise<number[]> {
  const loadsMs: number[] = []
  for (let load = 0; load < loads; load++)
    loadsMs.push((await askEngineProcess('load', { what })).loadMs)
  return loadsMs
}

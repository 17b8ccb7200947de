import assert from 'node:assert/strict'
import { foldUsername, tidyUsername } from '../../../services/accounts/fold-username.js'

describe('foldUsername', () => {
  const alike: readonly (readonly [string, string, string])[] = [
    ['case', 'Ana Souza', 'aNA sOUZA'],
    ['spaces around and between', 'ana souza', '  ana \u00a0 souza '],
    ['accents composed or not', 'Jo\u00e3o', 'JOA\u0303O'],
    ['width', 'ana', '\uff21\uff4e\uff41'],
    ['a mathematical font', 'ana', '𝒶𝓃𝒶'],
    ['ligatures', 'fiona', '\ufb01ona'],
    ['sharp s', 'STRASSE', 'straße'],
    ['a Turkish I', 'IVO', '\u0130vo'],
    ['a Turkish ı', 'ivo', '\u0131vo'],
    ['a dot on a dotted letter', 'ivo', 'i\u0307vo'],
    ['the final sigma', 'ΟΔΟΣ', 'οδος'],
    ['Cyrillic small letters', 'аеорсхуіѕј'.normalize(), 'aeopcxyisj'],
    ['Cyrillic capitals', 'АВЕКМНОРСТХ', 'ABEKMHOPCTX'],
    ['Cyrillic with an accent', '\u0451va', 'ëva'],
    ['Greek capitals', 'ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'ABEZHIKMNOPTYX'],
    ['a lunate sigma', '\u03f2arlo', 'Carlo'],
    ['Armenian', 'b\u0585b', 'bob'],
    ['small capitals', '\u0299\u1d0f\u0299', 'bob'],
    ['apostrophes', 'o\u2019brien', "o'brien"],
    ['hyphens', 'ana\u2010rita', 'ana-rita'],
  ]
  for (const [what, one, other] of alike)
    it(`takes names that differ only in ${what} as one`, () => {
      assert.equal(foldUsername(one), foldUsername(other))
    })

  it('tells names apart that are seen to differ', () => {
    const names = [
      'ana',
      'anã',
      'anna',
      'a na',
      'ana1',
      'åna',
      'ana_',
      'iva',
      'ivа́',
      'вова',
      '安娜',
    ]
    assert.equal(new Set(names.map(foldUsername)).size, names.length)
  })

  it('gives the same for what it gave', () => {
    for (const [, one, other] of alike)
      for (const name of [one, other])
        assert.equal(foldUsername(foldUsername(name)), foldUsername(name))
  })
})

describe('tidyUsername', () => {
  it('trims, keeps one space where there were several, and keeps the letters', () => {
    assert.equal(tidyUsername(' \tÁna \u3000 de  Souza\n'), 'Ána de Souza')
  })
})

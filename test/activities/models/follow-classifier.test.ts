import assert from 'node:assert/strict'
import {
  type EmailClassifier,
  loadEmailClassifier,
} from '../../../activities/classification/classifier.js'
import { followClassifier } from '../../../activities/models/follow-classifier.js'
import { modelsFolder } from '../../../workers/run-workers.js'

describe('followClassifier', () => {
  it('asks at each call which classifier is current', async () => {
    const shipped = await loadEmailClassifier(modelsFolder)
    const version = (modelVersion: string): EmailClassifier => ({
      modelVersion,
      detectLanguage: () => 'en',
      classify: (text, language) => ({ ...shipped.classify(text, language), modelVersion }),
      classifyTopic: () => 'thanks',
    })
    let current = version('one')
    const classifier = followClassifier(() => current)
    assert.equal(classifier.classify('Bom dia', 'pt').modelVersion, 'one')
    current = version('two')
    assert.equal(classifier.classify('Bom dia', 'pt').modelVersion, 'two')
    assert.equal(classifier.modelVersion, 'two')
    assert.equal(classifier.detectLanguage('Bom dia'), 'en')
    assert.equal(classifier.classifyTopic('Bom dia', 'Improdutivo'), 'thanks')
  })
})

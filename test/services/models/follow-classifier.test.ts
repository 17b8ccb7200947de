import assert from 'node:assert/strict'
import type { EmailClassifier } from '../../../engine/classifier.js'
import { followClassifier } from '../../../services/models/follow-classifier.js'
import { testCard } from '../../support/models.js'

describe('followClassifier', () => {
  it('asks at each call which classifier is current', () => {
    const version = (modelVersion: string): EmailClassifier => ({
      modelVersion,
      card: testCard(modelVersion),
      detectLanguage: () => 'en',
      classify: () => ({
        category: 'Improdutivo',
        confidence: 1,
        needsReview: false,
        topic: 'thanks',
        explanation: [],
        modelVersion,
      }),
      classifyTopic: () => 'thanks',
    })
    let current = version('one')
    const classifier = followClassifier(() => current)
    assert.equal(classifier.classify('Bom dia', 'pt').modelVersion, 'one')
    current = version('two')
    assert.equal(classifier.classify('Bom dia', 'pt').modelVersion, 'two')
    assert.equal(classifier.modelVersion, 'two')
    assert.equal(classifier.card.version, 'two')
    assert.equal(classifier.detectLanguage('Bom dia'), 'en')
    assert.equal(classifier.classifyTopic('Bom dia', 'Improdutivo'), 'thanks')
  })
})

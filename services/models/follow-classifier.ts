import type { EmailClassifier } from '../../engine/classifier.js'

/**
 * A classifier that asks at each call which one is current: who holds it follows a promotion without
 * knowing of it, and each answer names the model that gave it.
 */
export function followClassifier(current: () => EmailClassifier): EmailClassifier {
  return {
    get modelVersion() {
      return current().modelVersion
    },
    get card() {
      return current().card
    },
    detectLanguage: (text) => current().detectLanguage(text),
    classify: (text, language) => current().classify(text, language),
    classifyTopic: (text, category) => current().classifyTopic(text, category),
  }
}

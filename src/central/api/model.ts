import { readModelDocument } from '../../record/topic-model.js';
import { wordMeaning } from '../../record/word-meaning.js';
import type { ModelStore } from '../model/store.js';
import type { Trainer } from '../model/trainer.js';
import type { ModelView } from './types.js';

const WORDS_PER_TOPIC = 10;

/** The newest model, as people read it; its topics are laid out once for each generation. */
export class ModelReader {
  readonly #store: ModelStore;
  readonly #trainer: Trainer;
  #sources: { generation: number; sources: ModelView['sources'] } | null = null;

  constructor(store: ModelStore, trainer: Trainer) {
    this.#store = store;
    this.#trainer = trainer;
  }

  view(): ModelView {
    const document = this.#store.current?.document;
    const on = document?.trainedOn;
    const { training, lastError, nextTraining } = this.#trainer;
    return {
      generation: document?.generation ?? null,
      trainedAt: document?.trainedAt ?? null,
      training,
      lastError,
      nextTraining,
      trainedOn:
        on === undefined
          ? null
          : {
              from: on.fromUs / 1000,
              to: on.toUs / 1000,
              sensors: on.sensors,
              documents: on.documents,
              tokens: on.tokens,
            },
      sources: this.#read(),
    };
  }

  #read(): ModelView['sources'] {
    const document = this.#store.current?.document;
    if (document === undefined) return [];
    if (this.#sources?.generation === document.generation) return this.#sources.sources;
    const models = readModelDocument(document);
    const sources = (['flow', 'dns'] as const).flatMap((source) => {
      const model = models[source];
      if (model === null) return [];
      const topics = model.describe(WORDS_PER_TOPIC).map(({ weight, words }) => ({
        weight,
        words: words.map(({ word, probability }) => {
          return { word, meaning: wordMeaning(document.wordSet, source, word), probability };
        }),
      }));
      return [{ source, words: model.words.length, hosts: model.hosts.length, topics }];
    });
    this.#sources = { generation: document.generation, sources };
    return sources;
  }
}

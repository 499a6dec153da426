import { parentPort, workerData } from 'node:worker_threads';
import { type Corpus, type TopicModelDocument, type TrainOptions, trainTopicModel } from '../../record/topic-model.js';

/** One training in a thread of its own, so that ingest and console go on. */
export interface TrainJob {
  corpus: Corpus;
  options: TrainOptions;
}

if (parentPort !== null) {
  const { corpus, options } = workerData as TrainJob;
  const document: TopicModelDocument | null = trainTopicModel(corpus, options)?.toDocument() ?? null;
  parentPort.postMessage(document);
}

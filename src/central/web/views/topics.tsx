import type { ModelView } from '../../api/types.js';
import { count, percent, plural } from '../logic/format.js';
import { Wire } from './wire.js';

type SourceView = ModelView['sources'][number];
type Topic = SourceView['topics'][number];

const TITLES = { flow: 'Flows', dns: 'DNS' } as const;

/** One source's topics, heaviest first, each with the words that make it. */
export function Source({ of }: { of: SourceView }) {
  const topics = of.topics.map((topic, number) => ({ topic, number })).sort((a, b) => b.topic.weight - a.topic.weight);
  const heaviest = topics[0]?.topic.weight ?? 1;
  return (
    <section className="source" aria-labelledby={`source-${of.source}`}>
      <header>
        <h2 id={`source-${of.source}`}>{TITLES[of.source] ?? of.source}</h2>
        <span className="soft">
          {plural(of.topics.length, 'topic')} over {plural(of.words, 'word')} of {plural(of.hosts, 'host')}
        </span>
      </header>
      <ol className="topics">
        {topics.map(({ topic, number }) => (
          <TopicCard key={number} topic={topic} number={number} heaviest={heaviest} />
        ))}
      </ol>
    </section>
  );
}

function TopicCard({ topic, number, heaviest }: { topic: Topic; number: number; heaviest: number }) {
  const top = topic.words[0]?.probability ?? 1;
  return (
    <li className="topic">
      <h3>
        <span>Topic {count(number + 1)}</span>
        <span className="topic-weight" title="Part of all traffic that this habit explains">
          <span
            className="books-bar"
            aria-hidden="true"
            style={{ width: `${(100 * topic.weight) / (heaviest || 1)}%` }}
          />
          {percent(topic.weight)}
        </span>
      </h3>
      <ol>
        {topic.words.map((w) => (
          <li key={w.word}>
            <span className="topic-meaning" title={`${percent(w.probability)} of the topic`}>
              <span
                className="topic-bar"
                aria-hidden="true"
                style={{ width: `${(100 * w.probability) / (top || 1)}%` }}
              />
              <Wire text={w.meaning === '' ? w.word : w.meaning} max={90} />
            </span>
            <code>
              <Wire text={w.word} max={30} />
            </code>
          </li>
        ))}
      </ol>
    </li>
  );
}

import type { ModelView } from '../../api/types.js';
import { count, percent, plural } from '../logic/format.js';
import { visible } from '../logic/text.js';
import { useUrl } from './hooks.js';
import { Wire } from './wire.js';

type SourceView = ModelView['sources'][number];
type Topic = SourceView['topics'][number];

const TITLES = { flow: 'Flows', dns: 'DNS' } as const;

/** Words of a topic that say most; a button brings the rest. */
const WORDS_SHOWN = 4;

/** One source's topics, heaviest first, each with the words that make it. */
export function Source({ of }: { of: SourceView }) {
  const { search, set } = useUrl();
  const all = new URLSearchParams(search).get('words') === 'all';
  const topics = of.topics.map((topic, number) => ({ topic, number })).sort((a, b) => b.topic.weight - a.topic.weight);
  const heaviest = topics[0]?.topic.weight ?? 1;
  return (
    <section className="source" aria-labelledby={`source-${of.source}`}>
      <header>
        <h2 id={`source-${of.source}`}>{TITLES[of.source] ?? of.source}</h2>
        <span className="soft">
          {plural(of.topics.length, 'topic')} over {plural(of.words, 'word')} of {plural(of.hosts, 'host')}
        </span>
        <button type="button" className="button" aria-pressed={all} onClick={() => set({ words: all ? null : 'all' })}>
          {all ? 'Fewer words' : 'More words'}
        </button>
      </header>
      <ol className="topics">
        {topics.map(({ topic, number }) => (
          <TopicCard key={number} topic={topic} number={number} heaviest={heaviest} all={all} />
        ))}
      </ol>
    </section>
  );
}

function TopicCard({ topic, number, heaviest, all }: { topic: Topic; number: number; heaviest: number; all: boolean }) {
  const words = all ? topic.words : topic.words.slice(0, WORDS_SHOWN);
  const rest = topic.words.length - words.length;
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
        {words.map((w) => (
          <li key={w.word}>
            <span className="topic-share">
              <span
                className="books-bar"
                aria-hidden="true"
                style={{ width: `${100 * Math.min(1, w.probability)}%` }}
              />
              {percent(w.probability)}
            </span>
            <span className="topic-meaning" title={visible(w.word)}>
              <Wire text={w.meaning === '' ? w.word : w.meaning} max={160} />
            </span>
          </li>
        ))}
        {rest > 0 ? <li className="topic-rest soft">and {plural(rest, 'more word')}</li> : null}
      </ol>
    </li>
  );
}

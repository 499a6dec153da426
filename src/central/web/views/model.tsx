import type { ModelView } from '../../api/types.js';
import { compact, count, plural } from '../logic/format.js';
import { ago, duration, stamp, until } from '../logic/time.js';
import { useModel, useTrain } from './api.js';
import { useNow, useTitle } from './hooks.js';
import { Icon } from './icons.js';
import { Empty, Failed, Loading, Stale } from './states.js';
import { Source } from './topics.js';
import { Moment, Wire } from './wire.js';

/** What the central learnt, from what, and when it learns again. */
export function Model() {
  const answer = useModel();
  useTitle('Model');
  return (
    <>
      <header className="head">
        <h1>Model</h1>
        {answer.data === undefined ? null : <Train view={answer.data} />}
      </header>
      {answer.data === undefined ? (
        answer.isError ? (
          <Failed what="the model" error={answer.error} retry={answer.refetch} />
        ) : (
          <Loading what="the model" rows={6} />
        )
      ) : (
        <>
          {answer.isError ? (
            <Stale error={answer.error} since={<Moment ms={answer.dataUpdatedAt} />} retry={answer.refetch} />
          ) : null}
          <Known view={answer.data} />
        </>
      )}
    </>
  );
}

function Train({ view }: { view: ModelView }) {
  const train = useTrain();
  const busy = view.training || train.isPending;
  return (
    <div className="train">
      {train.isError ? (
        <span className="train-word" role="alert">
          <Icon name="warn" /> <Wire text={train.error.message} max={160} />
        </span>
      ) : train.isSuccess && !train.data.started && !busy ? (
        <span className="train-word" role="status">
          Not started: a training was already under way.
        </span>
      ) : null}
      {busy ? (
        <span className="train-word" role="status">
          Training; the screen follows by itself
        </span>
      ) : null}
      <button type="button" className="button button-main" disabled={busy} onClick={() => train.mutate()}>
        {busy ? 'Training…' : 'Train now'}
      </button>
      {busy ? <span className="progress" aria-hidden="true" /> : null}
    </div>
  );
}

function Known({ view }: { view: ModelView }) {
  const now = useNow();
  const on = view.trainedOn;
  return (
    <>
      {view.lastError === null ? null : (
        <div className="refused" role="note">
          <Icon name="warn" />
          <b>The last training failed</b>
          <span>
            <Wire text={view.lastError} max={400} />
            {view.generation === null ? '' : ' The model below stays in force.'}
          </span>
        </div>
      )}
      <dl className="facts facts-model">
        <Fact name="Generation" text={view.generation === null ? '–' : count(view.generation)} />
        <div>
          <dt>Trained</dt>
          <dd>
            {view.trainedAt === null ? (
              <b>never</b>
            ) : (
              <>
                <b>{ago(view.trainedAt, now)}</b>{' '}
                <span className="soft">
                  <Moment ms={view.trainedAt} />
                </span>
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>Next training</dt>
          <dd>
            <b>{view.training ? 'under way' : until(view.nextTraining, now)}</b>{' '}
            <span className="soft">{view.nextTraining === null ? '' : <Moment ms={view.nextTraining} />}</span>
          </dd>
        </div>
        {on === null ? null : (
          <>
            <div>
              <dt>Learnt from</dt>
              <dd>
                <b>{duration(on.to - on.from)}</b>{' '}
                <span className="soft" title={`${stamp(on.from)} – ${stamp(on.to)}`}>
                  to <Moment ms={on.to} />
                </span>
              </dd>
            </div>
            <Fact name="Hosts" text={count(on.documents)} note={`${compact(on.tokens)} words`} />
            <Fact
              name="Sensors"
              text={count(on.sensors.length)}
              note={on.sensors.slice(0, 3).join(', ') + (on.sensors.length > 3 ? ' …' : '')}
            />
          </>
        )}
      </dl>
      {view.generation === null || view.sources.length === 0 ? (
        <Empty title="No model yet">
          <p>
            Sensors score by their own baseline until the central has trained on what they sent. It trains by itself
            once there is a day of data, or now if you ask it to.
          </p>
        </Empty>
      ) : (
        <>
          <p className="model-how">
            A topic is a habit: words that the same hosts use. What a host does is strange when its own mix of habits
            does not explain it. {plural(view.sources.length, 'source')}, learnt apart.
          </p>
          {view.sources.map((s) => (
            <Source key={s.source} of={s} />
          ))}
        </>
      )}
    </>
  );
}

function Fact({ name, text, note = '' }: { name: string; text: string; note?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <b>{text}</b> <span className="soft">{note === '' ? null : <Wire text={note} max={40} />}</span>
      </dd>
    </div>
  );
}

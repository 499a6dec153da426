import type { ReactNode } from 'react';
import type { SensorsView, SensorView } from '../../api/types.js';
import { coverageLevel, coverageWords, overall } from '../logic/coverage.js';
import { bytes, compact, count, percent, plural } from '../logic/format.js';
import { order, troubled } from '../logic/sensors.js';
import { shortHash } from '../logic/text.js';
import { ago, duration } from '../logic/time.js';
import { listParam } from '../logic/url.js';
import { useModel, useSensors } from './api.js';
import { CoverageMeter } from './coverage.js';
import { useNow, useTitle, useUrl } from './hooks.js';
import { Icon } from './icons.js';
import { LedgerTable } from './ledger.js';
import { Empty, Failed, Loading, Stale } from './states.js';
import { Moment, Wire } from './wire.js';

/** The fleet, trouble first: who is there, what they lost, and where every frame went. */
export function Sensors() {
  const answer = useSensors();
  const current = useModel().data?.generation ?? null;
  useTitle('Sensors');
  return (
    <>
      <header className="head">
        <h1>Sensors</h1>
        {answer.data === undefined ? null : <Fleet view={answer.data} />}
      </header>
      {answer.data === undefined ? (
        answer.isError ? (
          <Failed what="the sensors" error={answer.error} retry={answer.refetch} />
        ) : (
          <Loading what="the sensors" rows={6} />
        )
      ) : (
        <>
          {answer.isError ? (
            <Stale error={answer.error} since={<Moment ms={answer.dataUpdatedAt} />} retry={answer.refetch} />
          ) : null}
          <Refused of={answer.data.refused} />
          {answer.data.sensors.length === 0 ? (
            <Empty title="No sensor has been heard of">
              <p>Start a sensor with this central’s broker as its uplink. It shows up here with its first word.</p>
            </Empty>
          ) : (
            <ul className="sensors">
              {order(answer.data.sensors).map((s) => (
                <Sensor key={`${s.site}/${s.sensor}`} of={s} current={current} />
              ))}
            </ul>
          )}
        </>
      )}
    </>
  );
}

function Fleet({ view }: { view: SensorsView }) {
  const online = view.sensors.filter((s) => s.online).length;
  const all = overall(view.sensors.map((s) => s.coverage));
  if (view.sensors.length === 0) return null;
  return (
    <p className="fleet">
      {count(online)} of {plural(view.sensors.length, 'sensor')} online
      {all === null ? '' : `; together they saw ${percent(all)} of frames`}
    </p>
  );
}

/** What came in and could not be believed. */
function Refused({ of }: { of: SensorsView['refused'] }) {
  if (of.batches === 0) return null;
  const reasons = Object.entries(of.byReason).sort(([, a], [, b]) => b - a);
  return (
    <div className="refused" role="note">
      <Icon name="warn" />
      <b>{plural(of.batches, 'batch', 'batches')} refused</b>
      <span>
        {reasons.map(([reason, n], i) => (
          <span key={reason}>
            {i > 0 ? ', ' : ''}
            <Wire text={reason} max={60} /> {count(n)}
          </span>
        ))}
      </span>
    </div>
  );
}

function Sensor({ of: s, current }: { of: SensorView; current: number | null }) {
  const now = useNow();
  const { search, set } = useUrl();
  const key = shortHash(`${s.site}/${s.sensor}`);
  const opened = listParam(search, 'open');
  const open = opened.includes(key);
  const behind = current !== null && s.modelGeneration !== null && s.modelGeneration < current;
  return (
    <li className="sensor" data-online={s.online} data-trouble={troubled(s) || undefined}>
      <header>
        <span className="online">
          <svg viewBox="0 0 12 12" aria-hidden="true">
            {s.online ? <circle cx="6" cy="6" r="5" /> : <path d="M2 2l8 8M10 2l-8 8" />}
          </svg>
          {s.online ? 'Online' : 'Offline'}
        </span>
        <h2>
          <span className="soft">
            <Wire text={s.site} max={32} />/
          </span>
          <Wire text={s.sensor} max={40} />
        </h2>
        <span className="soft">
          {s.version === null ? 'version unknown' : <Wire text={s.version} max={24} />}
          {' · '}
          {s.lastStatus === null ? (
            'never reported'
          ) : (
            <Moment ms={s.lastStatus} text={`reported ${ago(s.lastStatus, now)}`} />
          )}
        </span>
      </header>
      <dl className="facts">
        <Fact
          name="Coverage"
          alarm={['much lost', 'silent'].includes(coverageLevel(s.coverage))}
          note={coverageNote(s)}
        >
          <CoverageMeter of={s.coverage} />
          {s.coverage.coverage === null ? 'unknown' : percent(s.coverage.coverage)}
        </Fact>
        <Fact
          name="Frames"
          note={s.coverage.coverage === null ? 'drops unknown' : `${compact(s.coverage.dropped)} dropped`}
        >
          <span title={count(s.coverage.frames)}>{compact(s.coverage.frames)}</span>
        </Fact>
        <Fact
          name="Last batch"
          alarm={s.lastBatch !== null && now - s.lastBatch > 15 * 60_000}
          note={plural(s.batches, 'batch', 'batches')}
        >
          {s.lastBatch === null ? 'none yet' : <Moment ms={s.lastBatch} text={ago(s.lastBatch, now)} />}
        </Fact>
        <Fact name="Missing" alarm={s.missing > 0} note={s.missing > 0 ? 'gaps in the sequence' : 'no gaps'}>
          {count(s.missing)}
        </Fact>
        <Fact
          name="Spool"
          alarm={s.spool !== null && (s.spool.droppedBatches > 0 || s.spool.corrupt > 0)}
          note={s.spool === null ? 'not told' : spoolNote(s.spool)}
        >
          {s.spool === null ? (
            '–'
          ) : (
            <span title={plural(s.spool.batches, 'batch', 'batches')}>{bytes(s.spool.bytes)}</span>
          )}
        </Fact>
        <Fact
          name="Model"
          alarm={behind}
          note={behind ? `the newest is ${count(current)}` : s.modelGeneration === null ? 'own baseline' : 'up to date'}
        >
          {s.modelGeneration === null ? '–' : count(s.modelGeneration)}
        </Fact>
      </dl>
      {s.health.length > 0 ? (
        <ul className="health">
          {s.health.map((sentence) => (
            <li key={sentence}>
              <Icon name="warn" />
              <Wire text={sentence} max={300} />
            </li>
          ))}
        </ul>
      ) : null}
      <button
        type="button"
        className="books-fold"
        aria-expanded={open}
        onClick={() => set({ open: (open ? opened.filter((k) => k !== key) : [...opened, key]).join('.') })}
      >
        <Icon name="right" />
        Books, from card to lake
      </button>
      {open ? <LedgerTable ledger={s.ledger} /> : null}
    </li>
  );
}

function coverageNote(s: SensorView): string {
  const level = coverageLevel(s.coverage);
  return level === 'unknown' ? 'cannot count its drops' : level === 'silent' ? coverageWords(s.coverage) : level;
}

function spoolNote(spool: NonNullable<SensorView['spool']>): string {
  const lost = spool.droppedBatches + spool.corrupt;
  if (lost > 0) return `${plural(lost, 'batch', 'batches')} lost`;
  return spool.batches === 0 ? 'empty' : `oldest waits ${duration(spool.oldestSeconds * 1000)}`;
}

function Fact({
  name,
  note,
  alarm = false,
  children,
}: {
  name: string;
  note: ReactNode;
  alarm?: boolean;
  children: ReactNode;
}) {
  return (
    <div data-alarm={alarm || undefined}>
      <dt>
        {alarm ? <Icon name="warn" /> : null}
        {name}
      </dt>
      <dd>
        <b>{children}</b> <span className="soft">{note}</span>
      </dd>
    </div>
  );
}

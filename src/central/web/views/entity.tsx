import { lazy, Suspense, useMemo } from 'react';
import { Link } from 'wouter';
import { navigate } from 'wouter/use-browser-location';
import type { EntityView } from '../../api/types.js';
import { bytes, compact, count } from '../logic/format.js';
import { lineKey, scaleEnd } from '../logic/shortlist.js';
import { visible } from '../logic/text.js';
import { clock, dayLabel, duration, span } from '../logic/time.js';
import { dayParam, listParam, shared, spanParam } from '../logic/url.js';
import { useEntity, useShortlist } from './api.js';
import { DayPicker } from './day-picker.js';
import { Domains } from './domains.js';
import { useKeys, useTitle, useUrl } from './hooks.js';
import { Icon } from './icons.js';
import { Line } from './line.js';
import { Peers } from './peers.js';
import { Empty, Failed, Loading, Stale } from './states.js';
import { Moment, Wire } from './wire.js';

/** The chart library is as large as the rest of a screen, so it comes when a chart is asked for. */
const Activity = lazy(() => import('./activity.js'));

/** Everything about one address on one day. */
export function Entity({ host }: { host: string }) {
  const { search } = useUrl();
  const day = dayParam(search);
  const answer = useEntity(host, day);
  // Only for the days that can be picked; it is in the cache when one comes from there.
  const days = useShortlist(day).data?.days ?? [];
  useTitle(visible(host));
  useKeys({ u: () => navigate(`/${shared(location.search)}`) });
  return (
    <>
      <header className="head">
        <Link href={`/${shared(search)}`} className="back" title="Back to the shortlist (u)">
          <Icon name="left" />
          Shortlist
        </Link>
        <h1 className="entity-name">
          <Wire text={host} max={60} />
        </h1>
        <DayPicker days={days} day={answer.data?.day ?? day ?? days[0] ?? null} />
      </header>
      {answer.data === undefined ? (
        answer.isError ? (
          <Failed what="this address" error={answer.error} retry={answer.refetch} />
        ) : (
          <Loading what="this address" rows={10} />
        )
      ) : (
        <>
          {answer.isError ? (
            <Stale error={answer.error} since={<Moment ms={answer.dataUpdatedAt} />} retry={answer.refetch} />
          ) : null}
          <div className={answer.isPlaceholderData ? 'turning' : undefined} aria-busy={answer.isPlaceholderData}>
            <Known view={answer.data} />
          </div>
        </>
      )}
    </>
  );
}

function Known({ view }: { view: EntityView }) {
  const { search, set } = useUrl();
  const zoom = useMemo(() => spanParam(search, 't'), [search]);
  if (
    view.firstSeen === null &&
    view.totals.flows === 0 &&
    view.totals.dnsTransactions === 0 &&
    view.findings.length === 0
  ) {
    return (
      <Empty title="Not seen">
        <p>
          No sensor saw this address {view.day === null ? 'yet' : `on ${dayLabel(view.day)}`}. Look at another day, or
          check that the address is written as on the wire.
        </p>
      </Empty>
    );
  }
  return (
    <>
      <Totals view={view} />
      <div className="entity">
        {view.findings.length > 0 ? <Findings view={view} /> : null}
        <section className="panel activity" aria-labelledby="activity-title">
          <header>
            <h2 id="activity-title">Activity</h2>
            <span className="soft">{duration(view.activity.stepMs)} a step, UTC; hatched where no sensor reported</span>
            {zoom === null ? (
              <span className="hint soft">Drag over a chart to narrow the time</span>
            ) : (
              <button type="button" className="chip" onClick={() => set({ t: null }, true)}>
                {clock(zoom.from, false)} – {clock(zoom.to, false)}
                <Icon name="close" />
                <span className="unseen">Show the whole day</span>
              </button>
            )}
          </header>
          <Suspense fallback={<div className="charts-wait" />}>
            <Activity activity={view.activity} zoom={zoom} />
          </Suspense>
        </section>
        <Peers peers={view.peers} all={view.totals.peers} zoom={zoom} day={view.day} />
        <Domains domains={view.domains} all={view.totals.domains} zoom={zoom} day={view.day} />
      </div>
    </>
  );
}

function Totals({ view }: { view: EntityView }) {
  const t = view.totals;
  return (
    <dl className="totals">
      <div className="total-wide">
        <dt>Seen</dt>
        <dd>
          {view.firstSeen === null || view.lastSeen === null ? (
            '–'
          ) : (
            <Moment ms={view.firstSeen} text={span(view.firstSeen, view.lastSeen, view.day)} />
          )}
        </dd>
      </div>
      <Total name="Findings" text={count(view.findings.length)} full={null} />
      <Total name="Flows" text={compact(t.flows)} full={count(t.flows)} />
      <Total name="Sent" text={bytes(t.bytesOut)} full={`${count(t.bytesOut)} bytes`} />
      <Total name="Received" text={bytes(t.bytesIn)} full={`${count(t.bytesIn)} bytes`} />
      <Total name="Peers" text={compact(t.peers)} full={count(t.peers)} />
      <Total name="DNS" text={compact(t.dnsTransactions)} full={`${count(t.dnsTransactions)} transactions`} />
      <Total name="Domains" text={compact(t.domains)} full={count(t.domains)} />
    </dl>
  );
}

function Total({ name, text, full }: { name: string; text: string; full: string | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd title={full ?? undefined}>{text}</dd>
    </div>
  );
}

/** The lines this address is on, opened unless they are many. */
const OPEN_UP_TO = 1;
/** More would push the rest of the screen out of sight; a button brings them. */
const SHOWN_UP_TO = 5;

function Findings({ view }: { view: EntityView }) {
  const { search, set } = useUrl();
  // The address holds what differs from the start: opened where there are many, folded where there are few.
  const turned = new Set(listParam(search, 'open'));
  const most = scaleEnd(view.findings);
  const few = view.findings.length <= OPEN_UP_TO;
  const all = new URLSearchParams(search).get('all') === '1';
  const shown = all ? view.findings : view.findings.slice(0, SHOWN_UP_TO);
  return (
    <section className="findings" aria-labelledby="findings-title">
      <header>
        <h2 id="findings-title">Findings</h2>
        <span className="soft">{count(view.findings.length)}</span>
      </header>
      <ol className="lines lines-short">
        {shown.map((line, i) => {
          const key = lineKey(line);
          return (
            <Line
              key={key}
              line={line}
              name={key}
              index={i}
              total={view.findings.length}
              open={few !== turned.has(key)}
              held={false}
              fresh={false}
              most={most}
              day={view.day}
              onToggle={() => {
                if (!turned.delete(key)) turned.add(key);
                set({ open: [...turned].join('.') });
              }}
            />
          );
        })}
      </ol>
      {view.findings.length > SHOWN_UP_TO ? (
        <button type="button" className="more" aria-expanded={all} onClick={() => set({ all: all ? null : '1' })}>
          {all ? 'Show the strongest only' : `Show all ${count(view.findings.length)}`}
        </button>
      ) : null}
    </section>
  );
}

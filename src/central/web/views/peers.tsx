import { useDeferredValue, useMemo } from 'react';
import { bytes, compact, count, odds } from '../logic/format.js';
import { serviceName } from '../logic/services.js';
import { filterPeers, nextSort, PEER_COLUMNS, type Peer, type PeerColumn, peerValue, sorted } from '../logic/tables.js';
import { clock, dayOf } from '../logic/time.js';
import { sortParam, sortText } from '../logic/url.js';
import { useField, useUrl } from './hooks.js';
import { Icon } from './icons.js';
import { PanelFilter } from './panel-filter.js';
import { Amount, Table, type TableColumn } from './table.js';
import { Address, Moment, Wire } from './wire.js';

const NAMES_FIRST: readonly PeerColumn[] = ['peer', 'direction', 'service', 'firstSeen', 'strangest'];

interface Props {
  peers: readonly Peer[];
  /** How many peers there are in all; the central sends the busiest. */
  all: number;
  zoom: { from: number; to: number } | null;
  day: string | null;
}

/** Who the address talked with: a row for each peer, service and direction. */
export function Peers({ peers, all, zoom, day }: Props) {
  const { search, set } = useUrl();
  const [text, setText] = useField('peers');
  const wanted = useDeferredValue(text);
  const sort = sortParam<PeerColumn>(search, 'peersort', PEER_COLUMNS, { column: 'bytesOut', descending: true });
  const { column, descending } = sort;
  const rows = useMemo(
    () => sorted(filterPeers(peers, wanted, zoom), { column, descending }, peerValue),
    [peers, wanted, zoom, column, descending],
  );
  const known = useMemo(() => new Set(peers.map((p) => p.peer)).size, [peers]);
  const columns = useMemo(() => columnsOf(peers, day), [peers, day]);
  return (
    <section className="panel peers" aria-labelledby="peers-title">
      <header>
        <h2 id="peers-title">Peers</h2>
        <span className="soft">
          {rows.length === peers.length ? count(rows.length) : `${count(rows.length)} of ${count(peers.length)}`}
          {all > known ? ` rows, the busiest; ${count(all)} peers in all` : ''}
        </span>
        <PanelFilter value={text} onChange={setText} what="peers by address, port or service" />
      </header>
      {rows.length === 0 ? (
        <p className="panel-none soft">
          {peers.length === 0 ? 'It talked with nobody on this day.' : 'No peer matches.'}
        </p>
      ) : (
        <Table
          name="Peers"
          className="table-peers"
          columns={columns}
          rows={rows}
          rowKey={(p, i) => `${p.peer} ${p.direction} ${p.proto} ${p.port} ${i}`}
          sort={sort}
          onSort={(c) => set({ peersort: sortText(nextSort(sort, c, NAMES_FIRST)) })}
        />
      )}
    </section>
  );
}

function columnsOf(peers: readonly Peer[], day: string | null): TableColumn<Peer, PeerColumn>[] {
  let mostOut = 1;
  let mostIn = 1;
  for (const p of peers) {
    mostOut = Math.max(mostOut, p.bytesOut);
    mostIn = Math.max(mostIn, p.bytesIn);
  }
  return [
    {
      id: 'direction',
      title: 'Way',
      sort: 'direction',
      about: 'Who began: this address (out) or the peer (in)',
      cell: (p) => (
        <span className="way" data-way={p.direction}>
          <Icon name={p.direction === 'out' ? 'out' : 'in'} />
          {p.direction === 'out' ? 'out' : 'in'}
        </span>
      ),
    },
    { id: 'peer', title: 'Peer', sort: 'peer', cell: (p) => <Address host={p.peer} /> },
    {
      id: 'service',
      title: 'Service',
      sort: 'service',
      cell: (p) => (
        <>
          <Wire text={`${p.port}/${p.proto}`} max={20} />{' '}
          <span className="soft">{serviceName(p.proto, p.port) ?? ''}</span>
        </>
      ),
    },
    {
      id: 'flows',
      title: 'Flows',
      sort: 'flows',
      number: true,
      cell: (p) => <span title={count(p.flows)}>{compact(p.flows)}</span>,
    },
    {
      id: 'bytesOut',
      title: 'Sent',
      sort: 'bytesOut',
      number: true,
      cell: (p) => <Amount text={bytes(p.bytesOut)} share={p.bytesOut / mostOut} full={`${count(p.bytesOut)} bytes`} />,
    },
    {
      id: 'bytesIn',
      title: 'Received',
      sort: 'bytesIn',
      number: true,
      cell: (p) => <Amount text={bytes(p.bytesIn)} share={p.bytesIn / mostIn} full={`${count(p.bytesIn)} bytes`} />,
    },
    {
      id: 'firstSeen',
      title: 'First',
      sort: 'firstSeen',
      number: true,
      cell: (p) => <Moment ms={p.firstSeen} text={short(p.firstSeen, day)} />,
    },
    {
      id: 'lastSeen',
      title: 'Last',
      sort: 'lastSeen',
      number: true,
      cell: (p) => <Moment ms={p.lastSeen} text={short(p.lastSeen, day)} />,
    },
    {
      id: 'strangest',
      title: 'Strangest',
      sort: 'strangest',
      number: true,
      about: 'How rare the strangest flow with this peer is by the model',
      cell: (p) => <span title={`tail probability ${p.strangest}`}>{odds(p.strangest)}</span>,
    },
  ];
}

/** The time alone on the day in view, with its date on another. */
export function short(ms: number, day: string | null): string {
  return dayOf(ms) === day ? clock(ms) : `${dayOf(ms).slice(5)} ${clock(ms, false)}`;
}

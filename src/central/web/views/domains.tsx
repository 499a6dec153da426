import { useDeferredValue, useMemo } from 'react';
import { compact, count, percent, plural } from '../logic/format.js';
import {
  DOMAIN_COLUMNS,
  type Domain,
  type DomainColumn,
  domainValue,
  filterDomains,
  nextSort,
  sorted,
} from '../logic/tables.js';
import { shortHash } from '../logic/text.js';
import { listParam, sortParam, sortText } from '../logic/url.js';
import { useField, useUrl } from './hooks.js';
import { Icon } from './icons.js';
import { PanelFilter } from './panel-filter.js';
import { short } from './peers.js';
import { Amount, Table, type TableColumn } from './table.js';
import { Moment, Wire } from './wire.js';

const NAMES_FIRST: readonly DomainColumn[] = ['domain', 'firstSeen'];

interface Props {
  domains: readonly Domain[];
  /** How many domains there are in all; the central sends the most asked for. */
  all: number;
  zoom: { from: number; to: number } | null;
  day: string | null;
}

/** What the address asked the DNS for, by registered domain; a row opens to examples of the names below it. */
export function Domains({ domains, all, zoom, day }: Props) {
  const { search, set } = useUrl();
  const [text, setText] = useField('names');
  const wanted = useDeferredValue(text);
  const sort = sortParam<DomainColumn>(search, 'namesort', DOMAIN_COLUMNS, { column: 'queries', descending: true });
  const { column, descending } = sort;
  const rows = useMemo(
    () => sorted(filterDomains(domains, wanted, zoom), { column, descending }, domainValue),
    [domains, wanted, zoom, column, descending],
  );
  const open = new Set(listParam(search, 'names-open'));
  const toggle = (key: string) => {
    if (!open.delete(key)) open.add(key);
    set({ 'names-open': [...open].join('.') });
  };
  let most = 1;
  for (const d of domains) most = Math.max(most, d.queries);
  const columns: TableColumn<Domain, DomainColumn>[] = [
    {
      id: 'domain',
      title: 'Domain',
      sort: 'domain',
      cell: (d) => {
        const key = shortHash(d.domain);
        return (
          <button type="button" className="twig" aria-expanded={open.has(key)} onClick={() => toggle(key)}>
            <Icon name="right" />
            <Wire text={d.domain} max={46} />
          </button>
        );
      },
    },
    {
      id: 'names',
      title: 'Names',
      sort: 'names',
      number: true,
      about: 'Different names below the domain',
      cell: (d) => <span title={count(d.names)}>{compact(d.names)}</span>,
    },
    {
      id: 'queries',
      title: 'Queries',
      sort: 'queries',
      number: true,
      cell: (d) => <Amount text={compact(d.queries)} share={d.queries / most} full={count(d.queries)} />,
    },
    {
      id: 'failures',
      title: 'Failed',
      sort: 'failures',
      number: true,
      about: 'Answered with an error, such as “no such name”',
      cell: (d) => <Failures of={d} />,
    },
    {
      id: 'types',
      title: 'Types',
      cell: (d) => <Wire text={d.types.join(' ')} max={24} />,
    },
    {
      id: 'firstSeen',
      title: 'First',
      sort: 'firstSeen',
      number: true,
      cell: (d) => <Moment ms={d.firstSeen} text={short(d.firstSeen, day)} />,
    },
    {
      id: 'lastSeen',
      title: 'Last',
      sort: 'lastSeen',
      number: true,
      cell: (d) => <Moment ms={d.lastSeen} text={short(d.lastSeen, day)} />,
    },
  ];
  return (
    <section className="panel domains" aria-labelledby="domains-title">
      <header>
        <h2 id="domains-title">DNS domains</h2>
        <span className="soft">
          {rows.length === domains.length ? count(domains.length) : `${count(rows.length)} of ${count(domains.length)}`}
          {all > domains.length ? `, the most asked for; ${count(all)} in all` : ''}
        </span>
        <PanelFilter value={text} onChange={setText} what="domains by name or type" />
      </header>
      {rows.length === 0 ? (
        <p className="panel-none soft">
          {domains.length === 0 ? 'It asked for no name on this day.' : 'No domain matches.'}
        </p>
      ) : (
        <Table
          name="DNS domains"
          className="table-domains"
          columns={columns}
          rows={rows}
          rowKey={(d, i) => `${d.domain} ${i}`}
          sort={sort}
          onSort={(c) => set({ namesort: sortText(nextSort(sort, c, NAMES_FIRST)) })}
          below={(d) => (open.has(shortHash(d.domain)) ? <Examples of={d} /> : null)}
        />
      )}
    </section>
  );
}

function Failures({ of }: { of: Domain }) {
  if (of.failures === 0) return <span className="soft">0</span>;
  const share = of.queries > 0 ? of.failures / of.queries : 1;
  return (
    <span
      className="failures"
      data-many={share >= 0.5 || undefined}
      title={`${count(of.failures)} of ${count(of.queries)}, ${percent(share)}`}
    >
      {share >= 0.5 ? <Icon name="warn" /> : null}
      {compact(of.failures)}
    </span>
  );
}

function Examples({ of }: { of: Domain }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a cell of the virtual table's row.
    <div role="cell" className="examples">
      <ul>
        {of.examples.map((name, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: examples may repeat and do not move.
          <li key={i}>
            <Wire text={name} max={120} />
          </li>
        ))}
      </ul>
      <p className="soft">
        {of.examples.length === 0
          ? 'No examples were kept.'
          : of.names > of.examples.length
            ? `and ${plural(of.names - of.examples.length, 'more name')}`
            : 'These are all.'}
      </p>
    </div>
  );
}

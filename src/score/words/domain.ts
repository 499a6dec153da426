/**
 * How the predecessor cut a name into domain and subdomain, faults included: no public suffix list, only the first
 * label before a country code and one of seven old generic names. Kept so that its words can be reproduced; the
 * word set `tapspot` uses the Public Suffix List instead.
 */

const GENERIC = new Set(['com', 'org', 'net', 'int', 'edu', 'gov', 'mil']);

/** Country codes as the predecessor listed them: with `krd` and `eu`, and by accident the empty string. */
const COUNTRY = new Set(
  (
    'ac ad ae af ag ai al am an ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo bq br bs bt bv bw by ' +
    'bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg eh er es et eu fi fj fk ' +
    'fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is ' +
    'it je jm jo jp ke kg kh ki km kn kp kr krd kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm ' +
    'mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps ' +
    'pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj ' +
    'tk tl tm tn to tp tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw'
  )
    .split(' ')
    .concat(''),
);

/** Class of a domain in a word. */
export const TopDomain = { other: 0, popular: 1, own: 2 } as const;

export interface NameParts {
  domain: string;
  subdomain: string;
  /** Parts between the dots of the whole name. */
  labels: number;
}

export const NO_DOMAIN = 'None';

/** Splits a name as the predecessor's DomainProcessor did. */
export function splitName(name: string): NameParts {
  const parts = name.split('.');
  // Java's split drops empty strings at the end; a trailing dot is no label.
  while (parts.length > 1 && parts[parts.length - 1] === '') parts.pop();
  const labels = parts.length;
  const last = parts[labels - 1]!;
  const reverse = labels > 2 && parts[labels - 2] === 'in-addr' && last === 'arpa';
  if (labels < 2 || reverse || !(COUNTRY.has(last) || GENERIC.has(last))) {
    return { domain: NO_DOMAIN, subdomain: NO_DOMAIN, labels };
  }
  let end = labels;
  if (COUNTRY.has(parts[end - 1]!)) end--;
  if (end > 0 && GENERIC.has(parts[end - 1]!)) end--;
  if (end === 0) return { domain: NO_DOMAIN, subdomain: NO_DOMAIN, labels };
  const subdomain = end > 1 ? parts.slice(0, end - 1).join('.') : NO_DOMAIN;
  return { domain: parts[end - 1]!, subdomain, labels };
}

export function topDomain(domain: string, own: string, popular: ReadonlySet<string>): number {
  if (own !== '' && own === domain) return TopDomain.own;
  return popular.has(domain) ? TopDomain.popular : TopDomain.other;
}

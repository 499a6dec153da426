import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { navigate, usePathname, useSearch } from 'wouter/use-browser-location';
import { entityPath, type Route, routeOf, shared } from '../logic/url.js';
import { Entity } from './entity.js';
import { Help } from './help.js';
import { useKeys, useTitle } from './hooks.js';
import { Icon, Logo } from './icons.js';
import { LiveBadge, useLive } from './live.js';
import { Model } from './model.js';
import { Sensors } from './sensors.js';
import { Shortlist } from './shortlist.js';
import { Empty, Mishap } from './states.js';
import { useTheme } from './theme.js';
import { Wire } from './wire.js';

const PLACES = [
  { screen: 'shortlist', path: '/', word: 'Shortlist' },
  { screen: 'sensors', path: '/sensors', word: 'Sensors' },
  { screen: 'model', path: '/model', word: 'Model' },
] as const;

const THEME_ICON = { system: 'auto', light: 'sun', dark: 'moon' } as const;

export function App() {
  const path = usePathname();
  const search = useSearch();
  const route = routeOf(path);
  const live = useLive();
  const [theme, nextTheme] = useTheme();
  const [help, setHelp] = useState(false);
  const go = (to: string) => navigate(to + shared(location.search));
  useKeys({
    '?': () => setHelp(true),
    t: nextTheme,
    '1': () => go('/'),
    '2': () => go('/sensors'),
    '3': () => go('/model'),
    '/': () => {
      const field = document.querySelector<HTMLInputElement>('[data-filter]');
      field?.focus();
      field?.select();
      return field !== null;
    },
  });
  // A new screen begins at its top and is read from its heading; a step back returns to where one was.
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    document.getElementById('main')?.focus({ preventScroll: true });
  }, [path]);
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="bar">
        <Link href={`/${shared(search)}`} className="brand" aria-label="Tapspot, to the shortlist">
          <Logo />
          <span aria-hidden="true">Tapspot</span>
        </Link>
        <nav aria-label="Screens">
          {PLACES.map((p) => (
            <Link
              key={p.screen}
              href={`${p.path}${shared(search)}`}
              className="place"
              aria-current={route.screen === p.screen ? 'page' : undefined}
            >
              {p.word}
            </Link>
          ))}
        </nav>
        <GoTo />
        <LiveBadge state={live} />
        <button type="button" className="tool" onClick={nextTheme} title={`Theme: ${theme} (t)`}>
          <Icon name={THEME_ICON[theme]} solid={theme === 'system'} />
          <span className="unseen">Theme: {theme}. Change it</span>
        </button>
        <button type="button" className="tool" onClick={() => setHelp(true)} title="Keys and words (?)">
          <span aria-hidden="true">?</span>
          <span className="unseen">Keys and words</span>
        </button>
      </header>
      <main id="main" tabIndex={-1}>
        <Mishap key={path}>
          <Screen route={route} />
        </Mishap>
      </main>
      <Help open={help} onClose={() => setHelp(false)} />
    </>
  );
}

function Screen({ route }: { route: Route }) {
  switch (route.screen) {
    case 'shortlist':
      return <Shortlist />;
    case 'entity':
      return <Entity key={route.host} host={route.host} />;
    case 'sensors':
      return <Sensors />;
    case 'model':
      return <Model />;
    default:
      return <Nowhere path={route.path} />;
  }
}

function Nowhere({ path }: { path: string }) {
  useTitle('No such page');
  return (
    <Empty page title="There is nothing at this address">
      <p>
        <Wire text={path} max={120} /> names no screen. <Link href="/">Go to the shortlist</Link>.
      </p>
    </Empty>
  );
}

/** Straight to an address somebody read out on the phone. */
function GoTo() {
  const [text, setText] = useState('');
  return (
    <search>
      <form
        className="goto"
        onSubmit={(event) => {
          event.preventDefault();
          const path = entityPath(text.trim(), location.search);
          if (path === null) return;
          setText('');
          navigate(path);
        }}
      >
        <Icon name="search" />
        <input
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder="Go to address"
          aria-label="Go to the page of an address"
          autoComplete="off"
          spellCheck={false}
          maxLength={255}
        />
      </form>
    </search>
  );
}

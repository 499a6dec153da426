import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { bytes, compact, count } from '../logic/format.js';
import { type Activity as Columns, column, stepTimes, summarise, touched } from '../logic/series.js';
import { clock } from '../logic/time.js';
import { useUrl } from './hooks.js';
import { colour, useColours } from './theme.js';

type Span = { from: number; to: number } | null;

interface Series {
  readonly name: string;
  readonly values: (number | null)[];
  readonly tint: string;
  /** Drawn below the line of zero, as traffic that comes in traditionally is. */
  readonly below: boolean;
}

/** Three charts over one time line: flows, bytes both ways, DNS. The cursor and the zoom are common to all. */
export default function Activity({ activity, zoom }: { activity: Columns; zoom: Span }) {
  const charts = useMemo(() => {
    const times = stepTimes(activity);
    const of = (values: (number | null)[]) => column(values, times.length);
    const one = (name: string, values: (number | null)[], tint: string, below = false): Series => ({
      name,
      values: of(values),
      tint,
      below,
    });
    return {
      times,
      list: [
        { title: 'Flows', format: compact, series: [one('flows', activity.flows, '--chart-1')] },
        {
          title: 'Bytes',
          format: bytes,
          series: [one('sent', activity.bytesOut, '--chart-2'), one('received', activity.bytesIn, '--chart-3', true)],
        },
        { title: 'DNS', format: compact, series: [one('transactions', activity.dns, '--chart-4')] },
      ],
    };
  }, [activity]);
  const [at, setAt] = useState<number | null>(null);
  const [first, end] = touched(activity, charts.times.length, zoom);
  if (charts.times.length === 0) return <p className="soft charts-none">Nobody reported on this day.</p>;
  return (
    <div className="charts">
      {charts.list.map((c) => (
        <figure key={c.title} className="chart" aria-label={spoken(c.title, c.series, charts.times)}>
          <figcaption>
            <b>{c.title}</b>
            {c.series.map((s) => (
              <span key={s.name} className="key" data-tint={s.tint}>
                {c.series.length > 1 ? <i data-below={s.below || undefined} /> : null}
                {c.series.length > 1 ? `${s.name} ` : ''}
                {at === null
                  ? `${c.format(summarise(s.values.slice(first, end)).sum)} in all`
                  : c.format(s.values[at] ?? null)}
              </span>
            ))}
            <span className="soft">
              {at === null || charts.times[at] === undefined ? '' : clock(charts.times[at] * 1000, false)}
            </span>
          </figcaption>
          <Plot
            times={charts.times}
            series={c.series}
            format={c.format}
            zoom={zoom}
            stepMs={activity.stepMs}
            onAt={setAt}
          />
        </figure>
      ))}
    </div>
  );
}

/** What the picture says, for those who hear it. */
function spoken(title: string, series: readonly Series[], times: readonly number[]): string {
  return series
    .map((s) => {
      const sum = summarise(s.values);
      const peak =
        sum.peak === null ? 'no data' : `peak ${compact(sum.peak)} at ${clock(times[sum.peakAt]! * 1000, false)} UTC`;
      const gaps = sum.gaps.length === 0 ? '' : `, ${count(sum.gaps.length)} gaps`;
      return `${title}, ${s.name}: ${compact(sum.sum)} in all, ${peak}${gaps}.`;
    })
    .join(' ');
}

interface PlotProps {
  times: number[];
  series: readonly Series[];
  format: (n: number | null) => string;
  zoom: Span;
  stepMs: number;
  onAt: (index: number | null) => void;
}

function Plot({ times, series, format, zoom, stepMs, onAt }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const colours = useColours();
  const { set } = useUrl();
  const from = zoom === null ? times[0]! : zoom.from / 1000;
  const to = zoom === null ? times.at(-1)! + stepMs / 1000 : zoom.to / 1000;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `colours` counts changes of what colour() reads.
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const options = optionsOf(series, format, stepMs, element, {
      onAt,
      onSpan: (a, b) => set({ t: `${Math.max(0, Math.round(a * 1000))}-${Math.round(b * 1000)}` }, true),
      onWhole: () => set({ t: null }, true),
    });
    const data = [times, ...series.map((s) => (s.below ? s.values.map((v) => (v === null ? null : -v)) : s.values))];
    const made = new uPlot(options, data as uPlot.AlignedData, element);
    plot.current = made;
    made.setScale('x', { min: from, max: to });
    const watcher = new ResizeObserver(() => {
      made.setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [times, series, format, stepMs, onAt, set, colours]);
  useEffect(() => {
    plot.current?.setScale('x', { min: from, max: to });
  }, [from, to]);
  return <div ref={box} className="plot" />;
}

interface Hands {
  onAt: (index: number | null) => void;
  onSpan: (from: number, to: number) => void;
  onWhole: () => void;
}

function optionsOf(
  series: readonly Series[],
  format: (n: number | null) => string,
  stepMs: number,
  element: HTMLElement,
  hands: Hands,
): uPlot.Options {
  const soft = colour('--ink-soft');
  const rule = colour('--rule');
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const font = `${0.82 * rem}px ${getComputedStyle(document.body).fontFamily}`;
  const both = series.some((s) => s.below);
  const axis = { stroke: soft, font, grid: { stroke: rule, width: 1 }, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    tzDate: (s) => uPlot.tzDate(new Date(s * 1000), 'Etc/UTC'),
    legend: { show: false },
    padding: [6, 1.4 * rem, 0, 0],
    cursor: {
      sync: { key: 'activity', setSeries: false },
      drag: { x: true, y: false, setScale: false },
      bind: {
        dblclick: () => () => {
          hands.onWhole();
          return null;
        },
      },
      y: false,
      points: { size: 5 },
    },
    scales: {
      x: { time: true },
      y: {
        range: (_u, min, max) => {
          const top = Math.max(max ?? 0, 1) * 1.08;
          return both ? [Math.min(min ?? 0, 0) * 1.08, top] : [0, top];
        },
      },
    },
    axes: [
      { ...axis, space: 5 * rem, size: 1.8 * rem, gap: 5, values: (_u, at) => at.map((s) => clock(s * 1000, false)) },
      {
        ...axis,
        space: 2 * rem,
        size: 4.7 * rem,
        gap: 6,
        values: (_u, at) => at.map((v) => (v === 0 ? (both ? '0' : '') : format(Math.abs(v)))),
      },
    ],
    series: [
      {},
      ...series.map((s): uPlot.Series => {
        const tint = colour(s.tint);
        return {
          label: s.name,
          stroke: tint,
          fill: colour(`${s.tint}-fill`),
          width: 1.25,
          paths: uPlot.paths.stepped!({ align: 1 }),
          points: { show: false },
          spanGaps: false,
        };
      }),
    ],
    hooks: {
      drawClear: [(u) => hatch(u, series[0]!.values, stepMs / 1000, rule)],
      setCursor: [(u) => hands.onAt(u.cursor.idx ?? null)],
      setSelect: [
        (u) => {
          if (u.select.width < 4) return;
          hands.onSpan(u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x'));
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** Silence is not zero: steps without a report are hatched. */
function hatch(u: uPlot, values: readonly (number | null)[], step: number, ink: string): void {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  ctx.save();
  ctx.beginPath();
  for (const gap of summarise(values).gaps) {
    const a = Math.max(left, u.valToPos(u.data[0][gap.from]!, 'x', true));
    const b = Math.min(left + width, u.valToPos(u.data[0][gap.to - 1]! + step, 'x', true));
    if (b > a) ctx.rect(a, top, b - a, height);
  }
  ctx.clip();
  ctx.strokeStyle = ink;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  const pitch = 7 * devicePixelRatio;
  for (let x = left - height; x < left + width; x += pitch) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

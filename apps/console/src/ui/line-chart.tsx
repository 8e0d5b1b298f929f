import { useState } from 'preact/hooks';
import { nearest, thin, ticks, within, type Interval, type Point } from '../data/series.js';
import { compact, whole } from '../format.js';
import { useWidth } from './use-width.js';

export interface ChartSeries {
  readonly name: string;
  readonly points: readonly Point[];
}

interface Properties {
  /** What it shows, for those who do not see it. */
  label: string;
  series: readonly ChartSeries[];
  /** Stretches that were not seen, shaded. */
  silent?: readonly Interval[];
  /** How a time is written on the axis and in the reading. */
  timeText: (t: number) => string;
  height?: number;
}

const LEFT = 46;
const RIGHT = 10;
const TOP = 10;
const BOTTOM = 24;
const TICK_WIDTH = 90;

/** Scales of one chart: from values to px. */
interface Frame {
  readonly x: (t: number) => number;
  readonly y: (v: number) => number;
  readonly start: number;
  readonly end: number;
  readonly steps: readonly number[];
}

function frameOf(series: readonly ChartSeries[], width: number, height: number): Frame {
  const all = series.flatMap(({ points }) => points);
  const times = all.map(({ t }) => t);
  const start = times.reduce((low, t) => Math.min(low, t), Infinity);
  const end = Math.max(
    start + 1,
    times.reduce((high, t) => Math.max(high, t), -Infinity),
  );
  const steps = ticks(all.reduce((high, { v }) => Math.max(high, v), 0));
  const highest = steps[steps.length - 1] ?? 1;
  return {
    start,
    end,
    steps,
    x: (t) => LEFT + ((t - start) / (end - start)) * (width - LEFT - RIGHT),
    y: (v) => TOP + (1 - v / highest) * (height - TOP - BOTTOM),
  };
}

function lineOf(points: readonly Point[], { x, y }: Frame): string {
  return points.map(({ t, v }, index) => `${index === 0 ? 'M' : 'L'}${x(t).toFixed(1)} ${y(v).toFixed(1)}`).join('');
}

/**
 * Values over time. With pointer or arrow keys a time is chosen, whose values are read out beside it; that works as a slider
 * does, so that it can be used without seeing it.
 */
export function LineChart({ label, series, silent = [], timeText, height = 190 }: Properties) {
  const { ref, width } = useWidth();
  const [chosen, setChosen] = useState<number>();
  const shown = series
    .map(({ name, points }) => ({ name, points: thin(points, Math.max(60, width)) }))
    .filter(({ points }) => points.length > 0);
  const [main] = shown;
  if (main === undefined) return <p class="chart-empty">No figures yet.</p>;

  const frame = frameOf(shown, width, height);
  const longest = shown.reduce((best, one) => (one.points.length > best.points.length ? one : best), main);
  const index = chosen === undefined ? undefined : Math.min(chosen, longest.points.length - 1);
  const at = index === undefined ? undefined : longest.points[index];
  const readings = at === undefined ? [] : shown.map(({ name, points }) => readingOf(name, points, at.t));
  const text = at === undefined ? label : `${timeText(at.t)}: ${readings.map(({ words }) => words).join(', ')}`;
  const marks = Math.max(2, Math.floor((width - LEFT - RIGHT) / TICK_WIDTH));

  const choose = (clientX: number, box: DOMRect): void => {
    const share = (clientX - box.left - LEFT) / (width - LEFT - RIGHT);
    setChosen(nearest(longest.points, frame.start + share * (frame.end - frame.start)));
  };
  const key = (event: KeyboardEvent): void => {
    const last = longest.points.length - 1;
    const from = index ?? last;
    const to = {
      ArrowLeft: from - 1,
      ArrowRight: from + 1,
      Home: 0,
      End: last,
      PageUp: from - 10,
      PageDown: from + 10,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setChosen(Math.min(last, Math.max(0, to)));
  };

  return (
    <div
      ref={ref}
      class="chart"
      style={{ height: `${height}px` }}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={longest.points.length - 1}
      aria-valuenow={index ?? longest.points.length - 1}
      aria-valuetext={text}
      onKeyDown={key}
      onPointerMove={(event) => choose(event.clientX, event.currentTarget.getBoundingClientRect())}
      onPointerLeave={() => setChosen(undefined)}
      onBlur={() => setChosen(undefined)}
    >
      {width > 0 && (
        <svg width={width} height={height} aria-hidden="true" focusable="false">
          {frame.steps.map((step) => (
            <g key={step} class="step">
              <line x1={LEFT} x2={width - RIGHT} y1={frame.y(step)} y2={frame.y(step)} />
              <text x={LEFT - 8} y={frame.y(step) + 4} text-anchor="end">
                {compact(step)}
              </text>
            </g>
          ))}
          {within(silent, frame.start, frame.end).map(({ from, to }, number) => (
            <rect
              key={number}
              class="silent"
              x={frame.x(from)}
              width={Math.max(1, frame.x(to) - frame.x(from))}
              y={TOP}
              height={height - TOP - BOTTOM}
            />
          ))}
          {Array.from({ length: marks + 1 }, (_, mark) => frame.start + ((frame.end - frame.start) * mark) / marks).map(
            (t, mark) => (
              <text
                key={mark}
                class="mark"
                x={frame.x(t)}
                y={height - 6}
                text-anchor={mark === 0 ? 'start' : mark === marks ? 'end' : 'middle'}
              >
                {timeText(t)}
              </text>
            ),
          )}
          {shown.map(({ name, points }, number) => (
            <g key={name} class={`line colour${number}`}>
              {shown.length === 1 && points.length > 1 && (
                <path
                  class="area"
                  d={`${lineOf(points, frame)}L${frame.x(points[points.length - 1]?.t ?? 0)} ${frame.y(0)}L${frame.x(points[0]?.t ?? 0)} ${frame.y(0)}Z`}
                />
              )}
              {points.length === 1 ? (
                <circle class="point" cx={frame.x(points[0]?.t ?? 0)} cy={frame.y(points[0]?.v ?? 0)} r={3} />
              ) : (
                <path d={lineOf(points, frame)} />
              )}
            </g>
          ))}
          {at !== undefined && (
            <line class="cross" x1={frame.x(at.t)} x2={frame.x(at.t)} y1={TOP} y2={height - BOTTOM} />
          )}
          {readings.map(({ name, point }, number) =>
            point === undefined ? null : (
              <circle key={name} class={`point colour${number}`} cx={frame.x(point.t)} cy={frame.y(point.v)} r={4} />
            ),
          )}
        </svg>
      )}
      {at !== undefined && (
        <div class={`reading${frame.x(at.t) > width / 2 ? ' left' : ''}`} style={{ left: `${frame.x(at.t)}px` }}>
          <span class="reading-time">{timeText(at.t)}</span>
          {readings.map(({ name, value }, number) => (
            <span key={name} class={`reading-line colour${number}`}>
              {shown.length > 1 && <bdi>{name}</bdi>}
              <b>{value}</b>
            </span>
          ))}
        </div>
      )}
    </div>
  );
}

/** The value of a series at a time; a session that was over by then has none. */
function readingOf(
  name: string,
  points: readonly Point[],
  t: number,
): { name: string; value: string; words: string; point: Point | undefined } {
  const last = points[points.length - 1];
  const point = last !== undefined && t > last.t ? undefined : points[nearest(points, t)];
  const value = point === undefined ? 'over' : whole(point.v);
  return { name, value, words: `${name} ${value}`, point };
}

/** A small curve without axes, for a trend at a glance. */
export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  const [width, height] = [120, 34];
  const highest = Math.max(1, ...values);
  const points = values.map((v, index) => ({
    x: (index / Math.max(1, values.length - 1)) * width,
    y: height - 2 - (v / highest) * (height - 6),
  }));
  const line = points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
  return (
    <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {points.length > 1 && <path class="area" d={`${line}L${width} ${height}L0 ${height}Z`} />}
      {points.length > 1 && <path d={line} vector-effect="non-scaling-stroke" />}
    </svg>
  );
}

import { ticks } from '../data/series.js';
import { compact } from '../format.js';
import { useWidth } from './use-width.js';

export interface Bar {
  readonly key: string;
  readonly value: number;
  /** Where it leads. */
  readonly to: string;
  /** All of it in words: what, when, how much. */
  readonly words: string;
  /** Below the bar, when there is room. */
  readonly caption: string;
}

const LEFT = 46;
const TOP = 8;
const BOTTOM = 24;
const WIDEST = 44;
const CAPTION_WIDTH = 62;

/** One bar for each thing, each a link. */
export function BarChart({ label, bars, height = 180 }: { label: string; bars: readonly Bar[]; height?: number }) {
  const { ref, width } = useWidth();
  const steps = ticks(bars.reduce((high, { value }) => Math.max(high, value), 0));
  const highest = steps[steps.length - 1] ?? 1;
  const room = (width - LEFT) / Math.max(1, bars.length);
  const barWidth = Math.max(2, Math.min(WIDEST, room * 0.72));
  const every = Math.max(1, Math.ceil(CAPTION_WIDTH / Math.max(1, room)));
  const y = (v: number): number => TOP + (1 - v / highest) * (height - TOP - BOTTOM);
  return (
    <div ref={ref} class="chart bars" style={{ height: `${height}px` }}>
      {width > 0 && (
        <svg width={width} height={height} role="group" aria-label={label}>
          {steps.map((step) => (
            <g key={step} class="step" aria-hidden="true">
              <line x1={LEFT} x2={width} y1={y(step)} y2={y(step)} />
              <text x={LEFT - 8} y={y(step) + 4} text-anchor="end">
                {compact(step)}
              </text>
            </g>
          ))}
          {bars.map(({ key, value, to, words }, index) => {
            const centre = LEFT + room * (index + 0.5);
            return (
              <a key={key} href={to} aria-label={words}>
                <title>{words}</title>
                <rect class="hit" x={centre - room / 2} y={TOP} width={room} height={height - TOP - BOTTOM} />
                <rect
                  class="bar"
                  x={centre - barWidth / 2}
                  y={Math.min(y(value), y(0) - 2)}
                  width={barWidth}
                  height={Math.max(2, y(0) - y(value))}
                  rx={3}
                />
              </a>
            );
          })}
          {bars.map(({ key, caption }, index) =>
            index % every === 0 ? (
              <text
                key={key}
                class="mark"
                aria-hidden="true"
                x={LEFT + room * (index + 0.5)}
                y={height - 6}
                text-anchor="middle"
              >
                {caption}
              </text>
            ) : null,
          )}
        </svg>
      )}
    </div>
  );
}

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const CSS = readFileSync(new URL('../../src/hub/hub.css', import.meta.url), 'utf8');
// WCAG 2.2: 1.4.3 for text, 1.4.11 for what shows where a control is.
const TEXT = 4.5;
const CONTROL = 3;

const PAIRS: [front: string, back: string, least: number][] = [
  ['text', 'card', TEXT],
  ['text', 'notice', TEXT],
  ['quiet', 'card', TEXT],
  ['fault', 'card', TEXT],
  ['good', 'card', TEXT],
  ['action-text', 'action', TEXT],
  ['action-text', 'action-over', TEXT],
  ['field-line', 'card', CONTROL],
  ['action', 'card', CONTROL],
];

const schemes = CSS.split('@media (prefers-color-scheme: dark)').map((part) =>
  Object.fromEntries(
    [...part.slice(0, part.indexOf('}')).matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]),
  ),
);

describe.each([
  { name: 'light', colours: schemes[0] ?? {} },
  { name: 'dark', colours: schemes[1] ?? {} },
])('the $name colours of the link page', ({ colours }) => {
  it.each(PAIRS)('%s on %s can be told apart', (front, back, least) => {
    expect(contrast(colours[front] ?? '', colours[back] ?? '')).toBeGreaterThanOrEqual(least);
  });
});

/** WCAG 2.2, contrast ratio of two sRGB colours. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [red = Number.NaN, green = Number.NaN, blue = Number.NaN] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

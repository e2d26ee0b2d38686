import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
} from '@mantine/core';

// One accent; the other three mean something. Every shade 7 has at least 4.5:1 on white, every shade 4 on dark 7.
const accent: MantineColorsTuple = [
  '#eef6fb',
  '#dcebf5',
  '#b4d3e8',
  '#8dbcdb',
  '#7cc4f2',
  '#4f9bd0',
  '#2379b4',
  '#0b5a8f',
  '#084a76',
  '#06395b',
];
const red: MantineColorsTuple = [
  '#fdf1f0',
  '#fae0de',
  '#f3bdb9',
  '#ea958f',
  '#ff9a92',
  '#e06259',
  '#cc3a31',
  '#b3261e',
  '#931d16',
  '#6f1510',
];
const green: MantineColorsTuple = [
  '#eef8f1',
  '#dcefe2',
  '#b3dcc0',
  '#87c79c',
  '#74d39b',
  '#3d9c61',
  '#28844c',
  '#1b6e3c',
  '#145a30',
  '#0e4424',
];
const yellow: MantineColorsTuple = [
  '#fdf7e8',
  '#faedcc',
  '#f2d995',
  '#e8c25b',
  '#e9c46a',
  '#b98a12',
  '#9a720b',
  '#7d5c06',
  '#664b04',
  '#4d3803',
];
const gray: MantineColorsTuple = [
  '#f6f7f9',
  '#eef0f3',
  '#e2e6eb',
  '#d4d9e0',
  '#bac2cc',
  '#949eab',
  '#6b7684',
  '#515c6a',
  '#38424f',
  '#222b36',
];
const dark: MantineColorsTuple = [
  '#e4e9ef',
  '#c3ccd6',
  '#a3afbd',
  '#8491a1',
  '#3d4957',
  '#2c3643',
  '#202935',
  '#161d26',
  '#10161d',
  '#0b1016',
];

const system = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif';

const ON_FILLED = 'var(--corbel-on-filled)';

export const theme = createTheme({
  colors: { accent, red, green, yellow, gray, dark },
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 4 },
  // Mantine chooses the text by the shade of the light theme, for both.
  variantColorResolver: (input) => ({
    ...defaultVariantColorsResolver(input),
    ...(input.variant === 'filled' && { color: ON_FILLED }),
  }),
  black: '#17202c',
  fontFamily: system,
  fontFamilyMonospace: 'ui-monospace, "SFMono-Regular", Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  headings: {
    fontFamily: system,
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.35' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  defaultRadius: 'sm',
  radius: { sm: '0.375rem' },
  focusRing: 'auto',
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Checkbox: { defaultProps: { iconColor: ON_FILLED } },
    Radio: { defaultProps: { iconColor: ON_FILLED } },
    Badge: { defaultProps: { tt: 'none', fw: 500 } },
    Button: { defaultProps: { fw: 500 } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true, events: { hover: true, focus: true, touch: true } } },
    Modal: {
      defaultProps: {
        centered: true,
        closeButtonProps: { 'aria-label': 'Close' },
        // In a dialog it would be a banner, of which there is one already.
        attributes: { header: { role: 'presentation' } },
      },
      styles: { title: { fontSize: 'var(--mantine-font-size-lg)', fontWeight: 600 } },
    },
    Drawer: {
      defaultProps: {
        closeButtonProps: { 'aria-label': 'Close' },
        // Of the dialog, not of the page.
        attributes: { header: { role: 'presentation' } },
      },
      styles: { title: { fontSize: 'var(--mantine-font-size-lg)', fontWeight: 600 } },
    },
    Paper: { defaultProps: { withBorder: true } },
    Table: { defaultProps: { verticalSpacing: 'xs' } },
  },
});

/** What the theme's own variables leave below the contrast of WCAG AA, and the console's own surfaces. */
export const cssVariables: CSSVariablesResolver = (theme) => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-6)',
    '--mantine-color-error': 'var(--mantine-color-red-7)',
    '--mantine-color-default-border': 'var(--mantine-color-gray-4)',
    '--mantine-color-disabled-color': 'var(--mantine-color-gray-7)',
    '--corbel-on-filled': '#ffffff',
    '--corbel-page': 'var(--mantine-color-gray-0)',
    '--corbel-surface': '#ffffff',
    '--corbel-line': 'var(--mantine-color-gray-3)',
    '--corbel-code': 'var(--mantine-color-gray-1)',
  },
  dark: {
    ...Object.assign(
      {},
      ...['accent', 'red', 'green', 'yellow'].map((name) => softDark(name, theme.colors[name]?.[4] ?? '')),
    ),
    '--mantine-color-body': 'var(--mantine-color-dark-7)',
    '--mantine-color-dimmed': 'var(--mantine-color-dark-2)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-3)',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    '--mantine-color-disabled-color': 'var(--mantine-color-dark-2)',
    '--corbel-on-filled': 'var(--mantine-color-dark-9)',
    '--corbel-page': 'var(--mantine-color-dark-8)',
    '--corbel-surface': 'var(--mantine-color-dark-7)',
    '--corbel-line': 'var(--mantine-color-dark-5)',
    '--corbel-code': 'var(--mantine-color-dark-8)',
  },
});

/** Mantine darkens its softest backgrounds so far that their colours cannot be told apart. */
function softDark(name: string, shade: string): Record<string, string> {
  const soft = (percent: number) => `color-mix(in srgb, ${shade} ${percent}%, var(--mantine-color-dark-7))`;
  return {
    [`--mantine-color-${name}-light`]: soft(18),
    [`--mantine-color-${name}-light-hover`]: soft(26),
    [`--mantine-color-${name}-light-color`]: shade,
  };
}

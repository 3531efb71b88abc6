import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

/** Deep blue-violet: what can be acted on. */
const accent: MantineColorsTuple = [
  '#f0f0fb', '#dcdcf5', '#b7b6ea', '#918fdf', '#716dd6', '#5d58d0', '#524cce', '#433db6', '#3b36a3', '#322d90',
];

/** The one place for colours, radii and sizes. Shades are those that pass 4.5:1 with the text on them. */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  respectReducedMotion: true,
  colors: { accent },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '20px' }, h2: { fontSize: '16px' }, h3: { fontSize: '14px' } } },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  components: {
    Table: { defaultProps: { verticalSpacing: 'xs', fz: 'sm' } },
    Button: { defaultProps: { size: 'sm' } },
    Paper: { defaultProps: { shadow: 'none' } },
    Menu: { defaultProps: { transitionProps: { duration: 120 } } },
    Modal: { defaultProps: { transitionProps: { duration: 150 } } },
    Drawer: { defaultProps: { transitionProps: { duration: 150 } } },
    Tooltip: { defaultProps: { openDelay: 300 } },
  },
});

/** What the library's own variables are in place of theirs: quiet text has 4.5:1 as well. */
export const variables: CSSVariablesResolver = (t) => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': t.colors.gray[7], '--mantine-color-placeholder': t.colors.gray[7], '--mantine-color-teal-light-color': '#05634a',
    '--mantine-color-yellow-light-color': '#7d4300', '--mantine-color-blue-outline': t.colors.blue[9],
  },
  dark: { '--mantine-color-dimmed': t.colors.dark[1], '--mantine-color-placeholder': t.colors.dark[1], '--mantine-color-anchor': accent[3] },
});

/** The colours of states: each stands beside an icon and a word, never alone. */
export const tones = {
  plain: 'gray', moving: 'blue', good: 'teal', clicked: 'violet', bad: 'red', doubtful: 'yellow',
} as const;

export type Tone = keyof typeof tones;

import { styleText } from 'node:util';

/** How things are set apart for people. Without colours all of them leave the text as it is. */
export interface Ink {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly good: (text: string) => string;
}

const asIs = (text: string) => text;
const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
  styleText(format, text, { validateStream: false });

export const plainInk: Ink = { strong: asIs, faint: asIs, error: asIs, warning: asIs, good: asIs };

export const colourInk: Ink = {
  strong: style('bold'),
  faint: style('dim'),
  error: style('red'),
  warning: style('yellow'),
  good: style('green'),
};

import { stripVTControlCharacters } from 'node:util';

/** Sizes in SVG user units (pixels). A character of a monospaced font is about 0.6 em wide. */
const FONT_SIZE = 13;
const CHARACTER_WIDTH = 7.8;
const LINE_HEIGHT = 18;
const PADDING = 16;

/** Colours of the picture. It has its own background, so it is readable on light and dark pages. */
const COLOURS = { background: '#0d1117', text: '#c9d1d9', green: '#3fb950', red: '#ff7b72', dim: '#8b949e' };

/** The ANSI sequences (Select Graphic Rendition) that the demo prints, as attributes of SVG text. */
const STYLES: Readonly<Record<string, string>> = {
  '1': ' font-weight="bold"',
  '2': ` fill="${COLOURS.dim}"`,
  '31': ` fill="${COLOURS.red}"`,
  '32': ` fill="${COLOURS.green}"`,
};

/** Text up to the next sequence, and the parameter of that sequence. */
const STYLED_TEXT = /([^\u001b]*)(?:\u001b\[(\d*)m)?/g;

function escapeXml(text: string): string {
  return text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A line with ANSI sequences as `tspan` elements. A parameter without a style of its own ends the style. */
function renderLine(line: string): string {
  let style = '';
  return [...line.matchAll(STYLED_TEXT)]
    .map(([, text = '', parameter]) => {
      const span = text && (style ? `<tspan${style}>${escapeXml(text)}</tspan>` : escapeXml(text));
      if (parameter !== undefined) style = STYLES[parameter] ?? '';
      return span;
    })
    .join('');
}

/**
 * Renders the output of a terminal as an SVG picture.
 *
 * @param title Description of the picture, for screen readers.
 * @param output The lines of the terminal, with ANSI sequences for bold, dim, red and green.
 */
export function renderTerminal(title: string, output: string): string {
  const lines = output.trimEnd().split('\n');
  const columns = Math.max(...lines.map((line) => stripVTControlCharacters(line).length));
  const width = Math.ceil(columns * CHARACTER_WIDTH) + 2 * PADDING;
  const height = lines.length * LINE_HEIGHT + 2 * PADDING;
  const rows = lines.map((line, index) => {
    const y = PADDING + FONT_SIZE + index * LINE_HEIGHT;
    return `  <text x="${PADDING}" y="${y}">${renderLine(line)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${COLOURS.background}"/>`,
    `<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="${FONT_SIZE}" fill="${COLOURS.text}" xml:space="preserve">`,
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** A source with its comments and strings blanked, so that only code is found in it; every place stays where it is. */

const COMMENT_OR_TEXT =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g;

export function codeOnly(source: string): string {
  return source.replace(COMMENT_OR_TEXT, (text) => text.replace(/[^\n]/g, ' '));
}

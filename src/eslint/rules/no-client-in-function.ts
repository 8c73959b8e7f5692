import { CLIENT_PACKAGES } from '../client-libraries.js';
import type { CallNode } from '../data-flow/syntax-nodes.js';
import { createSourceContext } from '../data-flow/trace-origin.js';
import { repeatedOpeningOf } from '../execution-context/repeated-opening.js';
import { isTestFile } from '../file-kinds.js';
import { openedByCall } from '../opened-connections.js';
import { defineRule, packageName } from '../define-rule.js';

const ADVICE = 'Open it once, when the module or the application starts, and share it.';

/** Finds clients, subscribers and pools that are opened per request, per iteration of a loop, or per call. */
export const noClientInFunction = defineRule({
  name: 'no-client-in-function',
  description: 'Open clients, subscribers and pools once, not for each request or iteration of a loop',
  messages: {
    inHandler: `This handler opens a {{connection}} each time it runs. ${ADVICE}`,
    inLoop:
      'This loop opens a {{connection}} in each iteration. Open one before the loop, or use a pool({ max }) for work that needs its own connection.',
    inCalledFunction: `{{name}}() opens a {{connection}} each time a handler calls it. ${ADVICE}`,
    inFunction: `{{name}}() opens a {{connection}} each time it is called, and does not return it. ${ADVICE}`,
  },
  modules: [packageName, ...CLIENT_PACKAGES],
  textPattern: /redis|valkey/i,
  create(context, trace) {
    if (isTestFile(context)) return {}; // tests may open a connection each; it ends with their server
    const sourceContext = createSourceContext(context.sourceCode, trace);
    const check = (node: CallNode) => {
      const connection = openedByCall(node, trace);
      const repeated = connection && repeatedOpeningOf(node, sourceContext);
      if (!repeated) return;
      const { kind, ...data } = repeated;
      context.report({ node, messageId: kind, data: { connection, ...data } });
    };
    return { CallExpression: check, NewExpression: check };
  },
});

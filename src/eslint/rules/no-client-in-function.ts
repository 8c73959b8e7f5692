import { openedByCall, PACKAGE } from '../opened-connections.js';
import { isTest } from '../file-kinds.js';
import { LIBRARIES } from '../client-libraries.js';
import type { Call } from '../execution-context/callback-timing.js';
import { repeatedOpeningOf } from '../execution-context/repeated-opening.js';
import { defineRule } from '../rule.js';
import { createSourceContext } from '../data-flow/trace-origin.js';

const ADVICE = 'Open it once, when the module or the application starts, and share it.';

/** A client, subscriber or pool that is opened per request, per turn of a loop, or per call. */
export const noClientInFunction = defineRule({
  name: 'no-client-in-function',
  description: 'Open clients, subscribers and pools once, not for each request or turn of a loop',
  messages: {
    inHandler: `This handler opens a {{what}} each time it runs. ${ADVICE}`,
    inLoop:
      'This loop opens a {{what}} in each turn. Open one before the loop, or a pool({ max }) for work that needs a connection to itself.',
    inCalledFunction: `{{name}}() opens a {{what}}, and a handler calls it each time it runs. ${ADVICE}`,
    inFunction: `{{name}}() opens a {{what}} each time it is called, and does not give it back. ${ADVICE}`,
  },
  modules: [PACKAGE, ...LIBRARIES],
  words: /redis|valkey/i,
  create(context, trace) {
    if (isTest(context)) return {}; // a test may open what it likes, and closes it with its server
    const surroundings = createSourceContext(context.sourceCode, trace);
    const check = (node: Call) => {
      const what = openedByCall(node, trace);
      const trouble = what && repeatedOpeningOf(node, surroundings);
      if (!trouble) return;
      const { kind, ...data } = trouble;
      context.report({ node, messageId: kind, data: { what, ...data } });
    };
    return { CallExpression: check, NewExpression: check };
  },
});

import type { TSESTree } from '@typescript-eslint/utils';
import type { FunctionNode } from '../origin/functions.js';

const REQUEST = /^_?(?:req|request|ctx|job|socket|ws)$/;
const REPLY = /^_?(?:res|response|reply|rep|next|done|token|head)$/;
const REQUEST_TYPE = /^(?:\w*Request|IncomingMessage|Job|Socket|APIGateway\w*Event|S[NQ]SEvent)$/;
const APP = /^(?:app|application|fastify|server|instance|f|nitro|nitroApp|nuxtApp)$/;

function nameOf(parameter: TSESTree.Node | undefined): string {
  if (parameter?.type === 'AssignmentPattern') return nameOf(parameter.left);
  return parameter?.type === 'Identifier' ? parameter.name : '';
}

function typeOf(parameter: TSESTree.Node | undefined): string {
  const type =
    parameter?.type === 'Identifier' || parameter?.type === 'ObjectPattern'
      ? parameter.typeAnnotation?.typeAnnotation
      : undefined;
  return type?.type === 'TSTypeReference' && type.typeName.type === 'Identifier' ? type.typeName.name : '';
}

/** Whether a function takes what is different each time: a request, a job, a socket. */
export function isHandlerLike({ params }: FunctionNode): boolean {
  const [first, second] = params;
  if (REQUEST.test(nameOf(first)) || REQUEST_TYPE.test(typeOf(first))) return true;
  return (
    first !== undefined && second !== undefined && REPLY.test(nameOf(second)) && !isPluginLike({ params })
  );
}

/** Whether a function takes what there is once: the app, as plugins do. */
export function isPluginLike({ params }: Pick<FunctionNode, 'params'>): boolean {
  return APP.test(nameOf(params[0]));
}

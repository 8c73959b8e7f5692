import { HygieneError } from '../../../core/errors.js';
import { type Json, list, object, text } from '../json.js';
import { type Pod, readPod } from './pod.js';

/** A list of pods that could not be had, with what to do. */
export function sourceError(what: string, details: Readonly<Record<string, unknown>> = {}): HygieneError {
  return new HygieneError('HYG_ATTRIBUTION_SOURCE', what, { details: { source: 'kubernetes', ...details } });
}

/** Reads the output of `kubectl get pods -o json`: a list, or one pod. Nothing where it is neither. */
export function readPods(output: string): readonly Pod[] | undefined {
  const json = parse(output);
  const kind = text(json['kind']);
  if (kind === 'Pod') return [readPod(json)];
  const isList = (kind === 'List' || kind === 'PodList') && Array.isArray(json['items']);
  return isList ? podsIn(json) : undefined;
}

/** What is wrong with an output that is no list of pods. */
export function strange(output: string): string {
  const start = output.slice(0, 60).replace(/\s+/g, ' ').trim();
  return `is no list of pods: it begins with "${start}", expected the output of kubectl get pods -A -o json.`;
}

/** The pods of a list, which may hold other things too. */
export function podsIn(json: Json): Pod[] {
  const items = list(json['items']).filter((item) => (text(object(item)['kind']) ?? 'Pod') === 'Pod');
  return items.map(readPod);
}

/** Nothing where it is no JSON object. */
export function parse(output: string): Json {
  try {
    return object(JSON.parse(output));
  } catch {
    return {}; // told with the first words of the text
  }
}

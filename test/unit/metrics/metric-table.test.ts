import { expect, test } from 'vitest';
import { alertRules } from '../../../scripts/docs/alerts.js';
import { labelAttributes } from '../../../src/metrics/label-attributes.js';
import { metricTable } from '../../../src/metrics/metric-table.js';

test('names are unique, also as the families of OpenMetrics, which have no _total', () => {
  const families = metricTable.map(({ prometheus }) => prometheus.replace(/_total$/, ''));
  expect(new Set(families).size).toBe(metricTable.length);
  expect(new Set(metricTable.map(({ otel }) => otel)).size).toBe(metricTable.length);
});

test('names are those that Prometheus and OpenTelemetry allow', () => {
  for (const { prometheus, otel, kind } of metricTable) {
    expect(prometheus).toMatch(/^[a-z][a-z_]*[a-z]$/);
    expect(otel).toMatch(/^(db\.client|redis\.client|redis_hygiene)\.[a-z][a-z._]*[a-z]$/);
    expect(prometheus.endsWith('_total')).toBe(kind === 'counter');
    expect(prometheus.endsWith('_seconds')).toBe(kind === 'histogram');
  }
});

test('every metric that the rules for alerts name is in the table', () => {
  const named = [...alertRules.matchAll(/redis_hygiene_(\w+)/g)].map(([, name = '']) => name);
  const known = metricTable.map(({ prometheus, kind }) =>
    kind === 'histogram' ? `${prometheus}_bucket` : prometheus,
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
});

test('every label has an attribute, or is the service, role or target', () => {
  const labels = metricTable.flatMap((metric) => metric.labels);
  const known = ['service', 'role', 'target', ...Object.keys(labelAttributes)];
  expect(labels.filter((label) => !known.includes(label))).toEqual([]);
});

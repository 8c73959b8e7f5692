// Asks for the metrics of packages that are not installed, and prints the errors.
import { recordMetrics } from 'redis-hygiene/otel';
import { registerMetrics } from 'redis-hygiene/prometheus';

const errors = [recordMetrics, registerMetrics].map((start) => {
  try {
    start();
    return 'nothing';
  } catch ({ code, message }) {
    return { code, message };
  }
});
console.log(JSON.stringify(errors));

export { startHealthServer } from './health-server.ts';
export { healthGauge } from './health-gauge.ts';
export { DATABASE, type HealthReport, WorkerHealth } from './health.ts';
export { errorFrames, loggableError } from './loggable-error.ts';
export { OperatingFault } from './operating-fault.ts';
export { answerWithin, pause, retryForever, within } from './retry-forever.ts';
export { visibleJson, visibleLine, visibleText } from './visible-text.ts';

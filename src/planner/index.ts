export { planScript, COLLECT, type PlanEnv, type ScriptPlan } from './plan-script.ts';
export { explainPlan, formatExpr } from './explain.ts';
export { formatDuration, parseDuration } from './duration.ts';
export { resolveSettings, type Settings } from './settings.ts';

export { checkScript, planScript, COLLECT, type PlanEnv, type ScriptPlan } from './plan-script.ts';
export { explainJson, explainPlan, formatExpr, type ExplainedPlan } from './explain.ts';
export { formatDuration, parseDuration } from './duration.ts';
export { resolveSettings, type Settings } from './settings.ts';

import { HeadwaterError } from '../../data/errors.ts';
import { compileRegex } from '../../expressions/values/java-regex.ts';
import { invalid, type Options } from './option-values.ts';

/** The topics of a table: named ones, or all whose whole names match a regular expression of Java's syntax. */
export type TopicSelection =
  { readonly by: 'names'; readonly topics: readonly string[] } | { readonly by: 'pattern'; readonly pattern: string };

/** Errors: `invalid-option`, `missing-option`, `unsupported-pattern`. */
export function topicSelection(options: Options): TopicSelection {
  const { topic } = options;
  const pattern = options['topic-pattern'];
  if (topic !== undefined && pattern !== undefined) {
    throw invalid("'topic' and 'topic-pattern' are both set; expected one of them");
  }
  if (pattern !== undefined) {
    topicMatcher(pattern);
    return { by: 'pattern', pattern };
  }
  if (topic === undefined || topic === '') {
    throw new HeadwaterError('missing-option', "option 'topic' is required, or 'topic-pattern' where a table is read");
  }
  const topics = topic.split(';').map((name) => topicName(name.trim()));
  const twice = topics.find((name, i) => topics.indexOf(name) !== i);
  if (twice !== undefined) throw invalid(`'topic' is '${topic}', which names ${twice} twice`);
  return { by: 'names', topics };
}

/** The one topic of a table; undefined when there are, or may be, several. */
export function singleTopic(selection: TopicSelection): string | undefined {
  return selection.by === 'names' && selection.topics.length === 1 ? selection.topics[0] : undefined;
}

/** Whether a topic that exists belongs to the table. */
export function topicMatcher(pattern: string): (topic: string) => boolean {
  const regex = pattern === '' ? undefined : compileRegex(pattern);
  if (regex === undefined) throw invalid(`'topic-pattern' is '${pattern}'; expected a regular expression`);
  return (topic) => regex.matches(topic);
}

/** As messages name the topics of a table. */
export function describeTopics(selection: TopicSelection): string {
  switch (selection.by) {
    case 'names':
      return selection.topics.length === 1 ? `topic ${selection.topics[0]}` : `topics ${selection.topics.join(', ')}`;
    case 'pattern':
      return `topics like ${selection.pattern}`;
  }
}

export function topicName(topic: string): string {
  if (!/^[A-Za-z0-9._-]{1,249}$/.test(topic) || topic === '.' || topic === '..') {
    throw invalid(`'topic' is '${topic}'; expected 1 to 249 letters, digits, '.', '_' or '-'`);
  }
  return topic;
}

-- What each user does, as features: over all time, over the last finished minute, and over the last five minutes.
--
-- The file is the same everywhere; only the settings change. ${NAME:-default} takes NAME from --set NAME=VALUE or from the
-- environment, else the default. Without any setting, log, registry and feature store are those inside the process:
--
--   headwater run queries/user_activity.sql
--   KAFKA_BROKERS=kafka:9092 SCHEMA_REGISTRY_URL=http://registry:8081 REDIS_URL=redis://redis:6379 \
--     headwater run queries/user_activity.sql
--
-- `headwater produce user-activity` writes the events, and `GET /v1/features/{table}/{user_id}` reads the features.

-- The input: Avro records, their schema found by the id that each record carries. Only the columns that are used below
-- are decoded; the topic's records may have more (session_id has), and newer schemas may add others.
CREATE TABLE user_events (
  user_id    STRING,
  item_id    STRING,
  event_type STRING,  -- VIEW, CLICK, CART or PURCHASE
  price      DOUBLE,
  quantity   INT,
  device     STRING,
  ts         TIMESTAMP(3),
  -- Events come out of order by up to a second. A window fires when the watermark, one second behind the newest event
  -- of the slowest partition, passes its end; an event of a window that has fired is late: dropped and counted.
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = '${USER_ACTIVITY_TOPIC:-user-activity}',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS:-embedded}',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'avro-confluent',
  'avro-confluent.url' = '${SCHEMA_REGISTRY_URL:-embedded}'
);

-- What the three INSERTs below read: the event, and beside it what was spent.
CREATE VIEW activity AS
SELECT
  user_id, item_id, event_type, price, device, ts,
  CASE WHEN event_type = 'PURCHASE' THEN price * quantity ELSE 0.0E0 END AS spent
FROM user_events;

-- Feature tables. The primary key is the entity: a row per user, replaced when an epoch commits a newer one. With a
-- Redis address each row is also a hash there, under the key `user_activity:user_0000042`; with 'embedded' the table is
-- in the process alone. HTTP lookups ask Redis in the first case, the process's image in the second.
CREATE TABLE user_activity (
  user_id    STRING,
  events     BIGINT,
  purchases  BIGINT,
  spent      DOUBLE,
  avg_price  DOUBLE,
  max_price  DOUBLE,
  items      BIGINT,
  last_event STRING,
  last_item  STRING,
  last_seen  TIMESTAMP(3),
  PRIMARY KEY (user_id) NOT ENFORCED
) WITH ('connector' = 'redis', 'url' = '${REDIS_URL:-embedded}');

CREATE TABLE user_activity_1m (
  user_id      STRING,
  window_start TIMESTAMP(3),
  window_end   TIMESTAMP(3),
  events       BIGINT,
  purchases    BIGINT,
  spent        DOUBLE,
  avg_price    DOUBLE,
  items        BIGINT,
  last_event   STRING,
  PRIMARY KEY (user_id) NOT ENFORCED
) WITH ('connector' = 'redis', 'url' = '${REDIS_URL:-embedded}');

CREATE TABLE user_activity_5m (
  user_id      STRING,
  window_start TIMESTAMP(3),
  window_end   TIMESTAMP(3),
  events       BIGINT,
  purchases    BIGINT,
  spent        DOUBLE,
  avg_price    DOUBLE,
  items        BIGINT,
  devices      BIGINT,
  PRIMARY KEY (user_id) NOT ENFORCED
) WITH ('connector' = 'redis', 'url' = '${REDIS_URL:-embedded}');

-- One job of three INSERTs: they share one scan of the topic, and one epoch commits all three tables, which so never
-- disagree about how far the topic was read.
EXECUTE STATEMENT SET
BEGIN
  -- All time: no window. A user's row changes with each of its events and is written once per epoch. Its state is never
  -- dropped: a few numbers per user, and each item that the user has seen, for COUNT(DISTINCT ..).
  -- LAST_VALUE is the last in the order of the partition; all events of a user are in one, since the key is the user.
  INSERT INTO user_activity
  SELECT
    user_id,
    COUNT(*),
    COUNT(*) FILTER (WHERE event_type = 'PURCHASE'),
    SUM(spent),
    AVG(price),
    MAX(price),
    COUNT(DISTINCT item_id),
    LAST_VALUE(event_type),
    LAST_VALUE(item_id),
    MAX(ts)
  FROM activity
  GROUP BY user_id;

  -- Tumbling: each event belongs to one minute. A window's rows appear when it is finished and its state goes then;
  -- since the key is the user alone, a newer minute replaces the older one.
  INSERT INTO user_activity_1m
  SELECT
    user_id, window_start, window_end,
    COUNT(*),
    COUNT(*) FILTER (WHERE event_type = 'PURCHASE'),
    SUM(spent),
    AVG(price),
    COUNT(DISTINCT item_id),
    LAST_VALUE(event_type)
  FROM TABLE(TUMBLE(TABLE activity, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
  GROUP BY user_id, window_start, window_end;

  -- Hopping: windows of five minutes, a new one every minute, so each event belongs to five. It is added up once, in
  -- its minute; a window puts five minutes together when it fires.
  INSERT INTO user_activity_5m
  SELECT
    user_id, window_start, window_end,
    COUNT(*),
    COUNT(*) FILTER (WHERE event_type = 'PURCHASE'),
    SUM(spent),
    AVG(price),
    COUNT(DISTINCT item_id),
    COUNT(DISTINCT device)
  FROM TABLE(HOP(TABLE activity, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE))
  GROUP BY user_id, window_start, window_end;
END;

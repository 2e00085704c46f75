-- What each user did in the last finished ten seconds, as features served by user.
--
-- Runs unchanged on the embedded log and on a real Kafka with a real registry:
--   KAFKA_BROKERS=kafka:9092 SCHEMA_REGISTRY=http://registry:8081 headwater run queries/user_activity.sql
-- ${NAME:-default} takes a setting (--set or the environment), else the default.

CREATE TABLE user_events (
  user_id    STRING,
  item_id    STRING,
  event_type STRING,
  price      DOUBLE,
  quantity   INT,
  ts         TIMESTAMP(3),
  -- An event may be up to one second late; the watermark of a partition follows its largest ts at this distance.
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'user-activity',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS:-embedded}',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'avro-confluent',
  'avro-confluent.url' = '${SCHEMA_REGISTRY:-embedded}'
);

-- A feature view with the entity user_id: one row per user, written once per epoch, exactly once.
CREATE TABLE user_activity (
  user_id      STRING,
  window_start TIMESTAMP(3),
  events       BIGINT,
  purchases    BIGINT,
  spent        DOUBLE,
  avg_price    DOUBLE,
  max_price    DOUBLE,
  items        BIGINT,
  PRIMARY KEY (user_id) NOT ENFORCED
) WITH (
  'connector' = 'feature'
);

INSERT INTO user_activity
SELECT
  user_id,
  window_start,
  COUNT(*),
  COUNT(*) FILTER (WHERE event_type = 'PURCHASE'),
  SUM(CASE WHEN event_type = 'PURCHASE' THEN price * quantity ELSE 0.0E0 END),
  AVG(price),
  MAX(price),
  COUNT(DISTINCT item_id)
FROM TABLE(TUMBLE(TABLE user_events, DESCRIPTOR(ts), INTERVAL '10' SECOND))
GROUP BY user_id, window_start, window_end;

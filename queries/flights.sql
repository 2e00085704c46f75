-- Flight delays as features: per origin airport and hour, and per route and day.
--
-- The topic holds flights in order of departure: `headwater produce flights` writes three million of 2001. The file is
-- bounded: it reads what the topic holds now, fires every window, publishes everything, and ends with exit code 0
-- (`--keep-serving` goes on serving then). Without 'scan.bounded.mode' it would wait for more flights.
--
-- Without settings everything is inside the process; KAFKA_BROKERS, SCHEMA_REGISTRY_URL and REDIS_URL name real services.

CREATE TABLE flights (
  `date`      TIMESTAMP(3),
  delay       INT,
  distance    INT,
  origin      STRING,
  destination STRING,
  -- A flight may come up to ten minutes after a later one; what is later still is dropped and counted.
  WATERMARK FOR `date` AS `date` - INTERVAL '10' MINUTE
) WITH (
  'connector' = 'kafka',
  'topic' = '${FLIGHTS_TOPIC:-flights}',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS:-embedded}',
  'scan.startup.mode' = 'earliest-offset',
  'scan.bounded.mode' = 'latest-offset',
  'format' = 'avro-confluent',
  'avro-confluent.url' = '${SCHEMA_REGISTRY_URL:-embedded}'
);

-- One row per airport and hour: a history that is looked up by both parts of its key,
-- GET /v1/features/airport_hours/ATL:2001-01-01T08%3A00%3A00.000 (':' between parts; within a part it is escaped).
CREATE TABLE airport_hours (
  origin       STRING,
  window_start TIMESTAMP(3),
  flights      BIGINT,
  avg_delay    DOUBLE,
  max_delay    INT,
  late_share   DOUBLE,
  destinations BIGINT,
  PRIMARY KEY (origin, window_start) NOT ENFORCED
) WITH ('connector' = 'redis', 'url' = '${REDIS_URL:-embedded}');

CREATE TABLE route_days (
  origin       STRING,
  destination  STRING,
  window_start TIMESTAMP(3),
  flights      BIGINT,
  avg_delay    DOUBLE,
  max_delay    INT,
  late_share   DOUBLE,
  PRIMARY KEY (origin, destination, window_start) NOT ENFORCED
) WITH ('connector' = 'redis', 'url' = '${REDIS_URL:-embedded}');

-- Both INSERTs are one job: they share one scan of the topic, and one epoch commits both tables.
EXECUTE STATEMENT SET
BEGIN
  -- Averages of INT are INT in SQL, hence the CAST. FILTER counts some of the rows.
  INSERT INTO airport_hours
  SELECT origin, window_start, COUNT(*), AVG(CAST(delay AS DOUBLE)), MAX(delay),
         CAST(COUNT(*) FILTER (WHERE delay > 15) AS DOUBLE) / CAST(COUNT(*) AS DOUBLE),
         COUNT(DISTINCT destination)
  FROM TABLE(TUMBLE(TABLE flights, DESCRIPTOR(`date`), INTERVAL '1' HOUR))
  GROUP BY origin, window_start, window_end;

  INSERT INTO route_days
  SELECT origin, destination, window_start, COUNT(*), AVG(CAST(delay AS DOUBLE)), MAX(delay),
         CAST(COUNT(*) FILTER (WHERE delay > 15) AS DOUBLE) / CAST(COUNT(*) AS DOUBLE)
  FROM TABLE(TUMBLE(TABLE flights, DESCRIPTOR(`date`), INTERVAL '1' DAY))
  GROUP BY origin, destination, window_start, window_end;
END;

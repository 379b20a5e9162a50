CREATE TABLE "alerts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"rule_id" text NOT NULL,
	"kind" text NOT NULL,
	"level" text NOT NULL,
	"code" text NOT NULL,
	"dyad" text NOT NULL,
	"episode" text NOT NULL,
	"severity" text NOT NULL,
	"day" date NOT NULL,
	"raised_at" timestamp with time zone NOT NULL,
	"facts" jsonb NOT NULL,
	"acknowledged_at" timestamp with time zone,
	"acknowledged_by" text,
	CONSTRAINT "alerts_episode" UNIQUE("rule_id","level","code","dyad","episode")
);
--> statement-breakpoint
CREATE TABLE "codebooks" (
	"version" text PRIMARY KEY NOT NULL,
	"content" jsonb NOT NULL,
	"recorded_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "coverage_days" (
	"day" date NOT NULL,
	"feed_id" text NOT NULL,
	"successes" integer NOT NULL,
	"failures" integer NOT NULL,
	"items" integer NOT NULL,
	"first_success_at" timestamp with time zone,
	"last_success_at" timestamp with time zone,
	"reaches_back_to" timestamp with time zone,
	CONSTRAINT "coverage_days_feed_id_day_pk" PRIMARY KEY("feed_id","day")
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"alert_id" uuid NOT NULL,
	"channel_id" text NOT NULL,
	"transition" text NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"sent_at" timestamp with time zone,
	"reason" text,
	"detail" text,
	"status" integer,
	CONSTRAINT "deliveries_once" UNIQUE("alert_id","channel_id","transition"),
	CONSTRAINT "deliveries_state" CHECK ("deliveries"."state" in ('pending', 'sent', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "dirty_cells" (
	"indicator" text NOT NULL,
	"dyad" text NOT NULL,
	"day" date NOT NULL,
	"marked_at" timestamp with time zone NOT NULL,
	CONSTRAINT "dirty_cells_indicator_dyad_day_pk" PRIMARY KEY("indicator","dyad","day")
);
--> statement-breakpoint
CREATE TABLE "feeds" (
	"id" text PRIMARY KEY NOT NULL,
	"source_id" text NOT NULL,
	"url" text NOT NULL,
	"host" text NOT NULL,
	"kind" text NOT NULL,
	"every_seconds" integer NOT NULL,
	"options" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"group_id" text NOT NULL,
	"removed_at" timestamp with time zone,
	"paused" boolean DEFAULT false NOT NULL,
	"muted_at" timestamp with time zone,
	"etag" text,
	"last_modified" text,
	"validators_since" timestamp with time zone,
	"body_digest" text,
	"entries_digest" text,
	"next_due_at" timestamp with time zone,
	"last_polled_at" timestamp with time zone,
	"last_success_at" timestamp with time zone,
	"consecutive_failures" integer DEFAULT 0 NOT NULL,
	"empty_polls" integer DEFAULT 0 NOT NULL,
	"reaches_back_to" timestamp with time zone,
	"moved_to" text,
	"moved_count" integer DEFAULT 0 NOT NULL,
	"moved_last_at" timestamp with time zone,
	"last_kind" text,
	"last_reason" text,
	"last_fault" text,
	"last_detail" text,
	"last_status" integer,
	"last_repairs" text[] DEFAULT '{}'::text[] NOT NULL,
	"last_format" text,
	"last_encoding" text,
	CONSTRAINT "feeds_every_positive" CHECK ("feeds"."every_seconds" > 0),
	CONSTRAINT "feeds_failures_not_negative" CHECK ("feeds"."consecutive_failures" >= 0)
);
--> statement-breakpoint
CREATE TABLE "hosts" (
	"host" text PRIMARY KEY NOT NULL,
	"next_allowed_at" timestamp with time zone NOT NULL,
	"reason" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "item_keys" (
	"source_id" text NOT NULL,
	"key" text NOT NULL,
	"item_id" uuid NOT NULL,
	"seen_at" timestamp with time zone NOT NULL,
	CONSTRAINT "item_keys_source_id_key_pk" PRIMARY KEY("source_id","key")
);
--> statement-breakpoint
CREATE TABLE "items" (
	"id" uuid PRIMARY KEY NOT NULL,
	"source_id" text NOT NULL,
	"feed_id" text NOT NULL,
	"key" text NOT NULL,
	"title" text NOT NULL,
	"url" text,
	"raw_url" text,
	"summary" text NOT NULL,
	"language" text,
	"published_at" timestamp with time zone,
	"published_raw" text,
	"first_seen_at" timestamp with time zone NOT NULL,
	"day" date NOT NULL,
	"story_id" uuid NOT NULL,
	"revision" integer DEFAULT 0 NOT NULL,
	"fingerprint" text NOT NULL,
	"removed_at" timestamp with time zone,
	"removed_reason" text,
	CONSTRAINT "items_source_key" UNIQUE("source_id","key")
);
--> statement-breakpoint
CREATE TABLE "observations" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "observations_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"item_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"story_id" uuid NOT NULL,
	"source_id" text NOT NULL,
	"feed_id" text NOT NULL,
	"bloc" text NOT NULL,
	"family" text NOT NULL,
	"language" text,
	"day" date NOT NULL,
	"indicator" text NOT NULL,
	"domain" text NOT NULL,
	"polarity" smallint NOT NULL,
	"dyad" text NOT NULL,
	"participants" text[] NOT NULL,
	"direction" text,
	"status" text NOT NULL,
	"severity" smallint NOT NULL,
	"confidence" real NOT NULL,
	"flags" text[] NOT NULL,
	"rules" text[] NOT NULL,
	"evidence" jsonb NOT NULL,
	"coder" text NOT NULL,
	"coder_version" text NOT NULL,
	"codebook_version" text NOT NULL,
	"recorded_at" timestamp with time zone NOT NULL,
	"superseded_at" timestamp with time zone,
	CONSTRAINT "observations_once" UNIQUE("item_id","revision","indicator","dyad","coder","coder_version","codebook_version"),
	CONSTRAINT "observations_status" CHECK ("observations"."status" in ('occurred', 'announced', 'alleged', 'denied')),
	CONSTRAINT "observations_polarity" CHECK ("observations"."polarity" in (1, -1)),
	CONSTRAINT "observations_severity" CHECK ("observations"."severity" between 1 and 5),
	CONSTRAINT "observations_confidence" CHECK ("observations"."confidence" between 0 and 1),
	CONSTRAINT "observations_two_participants" CHECK (cardinality("observations"."participants") >= 2),
	CONSTRAINT "observations_evidence" CHECK (jsonb_array_length("observations"."evidence") >= 1),
	CONSTRAINT "observations_superseded_later" CHECK ("observations"."superseded_at" is null or "observations"."superseded_at" >= "observations"."recorded_at")
);
--> statement-breakpoint
CREATE TABLE "polls" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "polls_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"feed_id" text NOT NULL,
	"polled_at" timestamp with time zone NOT NULL,
	"kind" text NOT NULL,
	"reason" text,
	"fault" text,
	"detail" text,
	"status" integer,
	"entries" integer NOT NULL,
	"added" integer NOT NULL,
	"revised" integer NOT NULL,
	"repairs" text[] NOT NULL,
	CONSTRAINT "polls_once" UNIQUE("feed_id","polled_at")
);
--> statement-breakpoint
CREATE TABLE "revisions" (
	"item_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"title" text NOT NULL,
	"summary" text NOT NULL,
	"fingerprint" text NOT NULL,
	"seen_at" timestamp with time zone NOT NULL,
	CONSTRAINT "revisions_item_id_revision_pk" PRIMARY KEY("item_id","revision"),
	CONSTRAINT "revisions_content" UNIQUE("item_id","fingerprint"),
	CONSTRAINT "revisions_from_one" CHECK ("revisions"."revision" >= 1)
);
--> statement-breakpoint
CREATE TABLE "series_days" (
	"day" date NOT NULL,
	"level" text NOT NULL,
	"code" text NOT NULL,
	"dyad" text NOT NULL,
	"polarity" smallint NOT NULL,
	"items" integer NOT NULL,
	"stories" integer NOT NULL,
	CONSTRAINT "series_days_day_level_code_dyad_polarity_pk" PRIMARY KEY("day","level","code","dyad","polarity"),
	CONSTRAINT "series_days_level" CHECK ("series_days"."level" in ('indicator', 'domain', 'dyad', 'all')),
	CONSTRAINT "series_days_not_negative" CHECK ("series_days"."items" >= 0 and "series_days"."stories" >= 0)
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"key" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sources" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"country" text,
	"language" text,
	"bloc" text NOT NULL,
	"family" text NOT NULL,
	"timezone" text,
	"removed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "stories" (
	"id" uuid PRIMARY KEY NOT NULL,
	"day" date NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "coverage_days" ADD CONSTRAINT "coverage_days_feed_id_feeds_id_fk" FOREIGN KEY ("feed_id") REFERENCES "public"."feeds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_alert_id_alerts_id_fk" FOREIGN KEY ("alert_id") REFERENCES "public"."alerts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feeds" ADD CONSTRAINT "feeds_source_id_sources_id_fk" FOREIGN KEY ("source_id") REFERENCES "public"."sources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "item_keys" ADD CONSTRAINT "item_keys_item_id_items_id_fk" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_source_id_sources_id_fk" FOREIGN KEY ("source_id") REFERENCES "public"."sources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_feed_id_feeds_id_fk" FOREIGN KEY ("feed_id") REFERENCES "public"."feeds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_story_id_stories_id_fk" FOREIGN KEY ("story_id") REFERENCES "public"."stories"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "observations" ADD CONSTRAINT "observations_item_id_items_id_fk" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "observations" ADD CONSTRAINT "observations_story_id_stories_id_fk" FOREIGN KEY ("story_id") REFERENCES "public"."stories"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "polls" ADD CONSTRAINT "polls_feed_id_feeds_id_fk" FOREIGN KEY ("feed_id") REFERENCES "public"."feeds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "revisions" ADD CONSTRAINT "revisions_item_id_items_id_fk" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "coverage_days_day" ON "coverage_days" USING btree ("day");--> statement-breakpoint
CREATE INDEX "deliveries_pending" ON "deliveries" USING btree ("next_attempt_at") WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX "feeds_group" ON "feeds" USING btree ("group_id");--> statement-breakpoint
CREATE INDEX "item_keys_item" ON "item_keys" USING btree ("item_id");--> statement-breakpoint
CREATE INDEX "items_first_seen" ON "items" USING btree ("first_seen_at","id");--> statement-breakpoint
CREATE INDEX "items_day" ON "items" USING btree ("day");--> statement-breakpoint
CREATE INDEX "observations_series" ON "observations" USING btree ("indicator","dyad","day") WHERE superseded_at is null;--> statement-breakpoint
CREATE INDEX "observations_dyad_day" ON "observations" USING btree ("dyad","day") WHERE superseded_at is null;--> statement-breakpoint
CREATE INDEX "observations_item" ON "observations" USING btree ("item_id");--> statement-breakpoint
CREATE INDEX "observations_story" ON "observations" USING btree ("story_id");--> statement-breakpoint
CREATE INDEX "observations_recorded" ON "observations" USING btree ("recorded_at");--> statement-breakpoint
CREATE INDEX "series_days_series" ON "series_days" USING btree ("level","code","dyad","day");
CREATE TABLE "opinion_months" (
	"month" text PRIMARY KEY NOT NULL,
	"calls" integer NOT NULL,
	"spent_micros" bigint NOT NULL,
	CONSTRAINT "opinion_months_month" CHECK ("opinion_months"."month" ~ '^\d{4}-\d{2}$'),
	CONSTRAINT "opinion_months_not_negative" CHECK ("opinion_months"."calls" >= 0 and "opinion_months"."spent_micros" >= 0)
);
--> statement-breakpoint
CREATE TABLE "opinions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "opinions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"item_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"model" text NOT NULL,
	"instructions_version" text NOT NULL,
	"outcome" text NOT NULL,
	"reason" text,
	"answer" text,
	"labels" jsonb NOT NULL,
	"dropped" jsonb NOT NULL,
	"tokens_in" integer,
	"tokens_out" integer,
	"cost_micros" bigint NOT NULL,
	"attempts" smallint DEFAULT 1 NOT NULL,
	"asked_at" timestamp with time zone NOT NULL,
	"decided_with" text,
	CONSTRAINT "opinions_once" UNIQUE("item_id","revision","model","instructions_version"),
	CONSTRAINT "opinions_outcome" CHECK ("opinions"."outcome" in ('answered', 'refused', 'malformed', 'cut', 'withheld', 'no-pair', 'failed')),
	CONSTRAINT "opinions_cost" CHECK ("opinions"."cost_micros" >= 0)
);
--> statement-breakpoint
ALTER TABLE "opinions" ADD CONSTRAINT "opinions_item_id_items_id_fk" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "opinions_by" ON "opinions" USING btree ("model","instructions_version","outcome");
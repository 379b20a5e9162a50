CREATE TABLE "recoding_moves" (
	"recoding_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"indicator" text NOT NULL,
	"dyad" text NOT NULL,
	"day" date NOT NULL,
	"kind" text NOT NULL,
	"before_id" bigint,
	"after_id" bigint,
	CONSTRAINT "recoding_moves_recoding_id_item_id_indicator_dyad_pk" PRIMARY KEY("recoding_id","item_id","indicator","dyad"),
	CONSTRAINT "recoding_moves_kind" CHECK ("recoding_moves"."kind" = case when "recoding_moves"."before_id" is null then 'gained' when "recoding_moves"."after_id" is null then 'lost' else 'status' end)
);
--> statement-breakpoint
CREATE TABLE "recodings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"from_day" date,
	"to_day" date,
	"coder" text NOT NULL,
	"coder_version" text NOT NULL,
	"codebook_version" text NOT NULL,
	"codebook_data" text,
	"done_to" uuid,
	"until_item" uuid,
	"total" integer NOT NULL,
	"items" integer DEFAULT 0 NOT NULL,
	"broken" integer DEFAULT 0 NOT NULL,
	"observations" integer DEFAULT 0 NOT NULL,
	"gained" integer DEFAULT 0 NOT NULL,
	"lost" integer DEFAULT 0 NOT NULL,
	"status" integer DEFAULT 0 NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"reason" text,
	CONSTRAINT "recodings_state" CHECK ("recodings"."state" in ('running', 'done', 'cancelled', 'failed')),
	CONSTRAINT "recodings_data_while_open" CHECK ("recodings"."codebook_data" is not null or "recodings"."state" = 'done')
);
--> statement-breakpoint
ALTER TABLE "recoding_moves" ADD CONSTRAINT "recoding_moves_recoding_id_recodings_id_fk" FOREIGN KEY ("recoding_id") REFERENCES "public"."recodings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recoding_moves" ADD CONSTRAINT "recoding_moves_item_id_items_id_fk" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recoding_moves" ADD CONSTRAINT "recoding_moves_before_id_observations_id_fk" FOREIGN KEY ("before_id") REFERENCES "public"."observations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recoding_moves" ADD CONSTRAINT "recoding_moves_after_id_observations_id_fk" FOREIGN KEY ("after_id") REFERENCES "public"."observations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "recodings_one_running" ON "recodings" USING btree ("state") WHERE state = 'running';--> statement-breakpoint
CREATE INDEX "recodings_requested" ON "recodings" USING btree ("requested_at");
CREATE TABLE "reviews" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "reviews_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"decision_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"indicator" text NOT NULL,
	"dyad" text NOT NULL,
	"verdict" text NOT NULL,
	"coder" text NOT NULL,
	"coder_version" text NOT NULL,
	"codebook_version" text NOT NULL,
	"author" text NOT NULL,
	"reason" text NOT NULL,
	"observation_id" bigint,
	"replaces" bigint,
	"restores" bigint,
	"sample" text,
	"reviewed_at" timestamp with time zone NOT NULL,
	"superseded_at" timestamp with time zone,
	CONSTRAINT "reviews_once" UNIQUE("decision_id","indicator","dyad","verdict"),
	CONSTRAINT "reviews_verdict" CHECK ("reviews"."verdict" in ('confirm', 'reject', 'correct', 'add', 'undo')),
	CONSTRAINT "reviews_coder" CHECK ("reviews"."coder" in ('human', 'llm')),
	CONSTRAINT "reviews_author" CHECK (length("reviews"."author") between 1 and 100),
	CONSTRAINT "reviews_reason" CHECK (length("reviews"."reason") between 1 and 1000),
	CONSTRAINT "reviews_sample" CHECK (length("reviews"."sample") <= 200),
	CONSTRAINT "reviews_superseded_later" CHECK ("reviews"."superseded_at" is null or "reviews"."superseded_at" >= "reviews"."reviewed_at")
);
--> statement-breakpoint
ALTER TABLE "observations" DROP CONSTRAINT "observations_once";--> statement-breakpoint
ALTER TABLE "observations" ADD COLUMN "review_id" bigint;--> statement-breakpoint
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_item_id_items_id_fk" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_observation_id_observations_id_fk" FOREIGN KEY ("observation_id") REFERENCES "public"."observations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_replaces_reviews_id_fk" FOREIGN KEY ("replaces") REFERENCES "public"."reviews"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_restores_reviews_id_fk" FOREIGN KEY ("restores") REFERENCES "public"."reviews"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "reviews_last_word" ON "reviews" USING btree ("item_id","indicator","dyad") WHERE superseded_at is null;--> statement-breakpoint
CREATE INDEX "reviews_item" ON "reviews" USING btree ("item_id");--> statement-breakpoint
CREATE INDEX "reviews_time" ON "reviews" USING btree ("reviewed_at");--> statement-breakpoint
ALTER TABLE "observations" ADD CONSTRAINT "observations_review_id_reviews_id_fk" FOREIGN KEY ("review_id") REFERENCES "public"."reviews"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "observations_once" ON "observations" USING btree ("item_id","revision","indicator","dyad","coder","coder_version","codebook_version") WHERE superseded_at is null;
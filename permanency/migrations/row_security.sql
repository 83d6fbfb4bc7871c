-- What the policies of row-level security ask (permanency/models/row_policies.py). The two settings are
-- the person and the day; directory/database/row_security.py says them.
-- The last two functions read tables as the system: the policies of those tables ask what these
-- answer. The person is an argument there, as the setting says something else meanwhile.
-- Those that read tables look for them where nobody but the owner can put one.
CREATE OR REPLACE FUNCTION fence_is_lifted() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('tracker.person', true), '') = 'system'
$$;
CREATE OR REPLACE FUNCTION fence_person() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN current_setting('tracker.person', true) ~ '^[0-9]+$'
           THEN current_setting('tracker.person', true)::bigint END
$$;
CREATE OR REPLACE FUNCTION fence_day() RETURNS date LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('tracker.day', true), '')::date
$$;
CREATE OR REPLACE FUNCTION fence_reads_the_state() RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM directory_appointment held
        JOIN directory_user person ON person.id = held.person_id
        WHERE person.id = fence_person() AND person.is_active
          AND held.starts_on <= fence_day()
          AND (held.ends_on IS NULL OR held.ends_on >= fence_day())
          AND held.district_id IS NULL
          AND held.role IN ('coordinator', 'district_manager', 'practice_manager')
    );
END $$;
CREATE OR REPLACE FUNCTION fence_reach(managed_by text) RETURNS bigint[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN ARRAY (SELECT district.id FROM directory_district district WHERE EXISTS (
        SELECT 1 FROM directory_appointment held
        JOIN directory_user person ON person.id = held.person_id
        WHERE person.id = fence_person() AND person.is_active
          AND held.starts_on <= fence_day()
          AND (held.ends_on IS NULL OR held.ends_on >= fence_day())
          AND (held.district_id IS NULL OR held.district_id = district.id)
          AND (held.role IN ('coordinator', 'district_manager', 'practice_manager')
               OR held.role = 'cfdu_approver' AND managed_by = 'PSP'
               OR held.role = 'casework_manager' AND managed_by = 'DCJ')
    ));
END $$;
CREATE OR REPLACE FUNCTION fence_named(who bigint, today date) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    asking text := coalesce(current_setting('tracker.person', true), '');
BEGIN
    PERFORM set_config('tracker.person', 'system', true);
    RETURN QUERY SELECT named.child_id FROM permanency_namedperson named
        WHERE named.person_id = who AND named.starts_on <= today
          AND (named.ends_on IS NULL OR named.ends_on >= today)
          AND (named.taken_off_on IS NULL OR named.taken_off_on > today);
    PERFORM set_config('tracker.person', asking, true);
END $$;
CREATE OR REPLACE FUNCTION fence_hidden(who bigint, today date) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    asking text := coalesce(current_setting('tracker.person', true), '');
BEGIN
    PERFORM set_config('tracker.person', 'system', true);
    RETURN QUERY SELECT child.id FROM permanency_child child
        WHERE child.restricted_on IS NOT NULL
          AND child.id NOT IN (SELECT fence_named(who, today));
    PERFORM set_config('tracker.person', asking, true);
END $$;

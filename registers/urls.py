from django.urls import URLPattern, path

from registers.views import closing, counts, taking, today, walk_ins

urlpatterns: list[URLPattern] = [
    path("registers/", today.registers_today, name="registers_today"),
    path("registers/<uuid:session_id>/", taking.register, name="register"),
    path("registers/<uuid:session_id>/mark/", taking.register_mark, name="register_mark"),
    path("registers/<uuid:session_id>/marks/", taking.register_marks, name="register_marks"),
    path("registers/<uuid:session_id>/walk-in/", walk_ins.register_walk_in, name="register_walk_in"),
    path(
        "registers/<uuid:session_id>/walk-in/<uuid:person_id>/remove/",
        walk_ins.register_walk_in_remove,
        name="register_walk_in_remove",
    ),
    path("registers/<uuid:session_id>/close/", closing.register_close, name="register_close"),
    path("registers/<uuid:session_id>/reopen/", closing.register_reopen, name="register_reopen"),
    path("registers/<uuid:session_id>/print/", closing.register_print, name="register_print"),
    path("registers/<uuid:session_id>/head-counts/", counts.register_head_counts, name="register_head_counts"),
    path(
        "registers/<uuid:session_id>/head-counts/<uuid:head_count_id>/remove/",
        counts.register_head_count_remove,
        name="register_head_count_remove",
    ),
    path("registers/<uuid:session_id>/rule/", counts.register_rule, name="register_rule"),
]

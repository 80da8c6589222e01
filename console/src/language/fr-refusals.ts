/**
 * What the API refuses, in French, by its code: those that analysts meet. The API itself says it in English; of other
 * codes its own words are shown. Names between braces are those of `values` of the problem.
 */
export const frRefusals: Readonly<Record<string, string>> = {
  unauthorised: 'Votre clé n’est plus en vigueur. Ouvrez de nouveau la console.',
  'not-found': 'Il n’y a rien à cette adresse, ou votre clé ne le voit pas.',
  'invalid-request': 'La demande est mal formée : vérifiez l’adresse, ou ce que vous avez saisi.',
  'request-under-way': 'La même demande est déjà en cours. Réessayez dans un instant.',
  'too-many-requests': 'Trop de demandes à la fois. Attendez un instant, puis réessayez.',
  busy: 'Le serveur a trop à faire. Réessayez dans un instant.',
  unavailable: 'Le registre ne répond pas en ce moment. Réessayez dans un instant.',
  'internal-error': 'Fairtally a échoué. Réessayez ; si cela se répète, prévenez qui l’exploite.',
  'period-unknown': '« {period} » n’est pas un mois tel que 2026-11.',
  'line-unknown': 'Le registre n’a pas de ligne « {line} ».',
  'account-unknown': 'Le registre n’a pas de compte « {account} ».',
  'call-unknown': 'Aucun appel « {call} » n’a été valorisé, et aucun enregistrement en quarantaine ne le nomme.',
  'case-unknown': 'La ligne {line} n’a pas de dossier en {period} : rien n’y a jamais été constaté ni décidé.',
  'reason-unknown': 'La quarantaine ne connaît pas de motif « {reason} ».',
  'record-unknown': 'La quarantaine n’a pas d’enregistrement {record}.',
  'record-not-waiting': 'L’enregistrement {record} n’attend plus. Rechargez la page.',
  'record-not-written-off': 'L’enregistrement {record} n’est pas classé. Rechargez la page.',
  'start-not-doubted': 'L’enregistrement {record} n’attend plus à cause de son début. Rechargez la page.',
  'destination-unknown':
    'Le plan de numérotation n’a pas de destination « {destination} » : choisissez-en une dans la liste.',
  'number-prefix-unusable':
    '« {prefix} » ne peut pas être le début de numéros de {length} chiffres. Donnez au moins quatre chiffres, l’indicatif du pays d’abord et sans « + » ; d’un numéro court, tous ses chiffres.',
  'dial-rule-unusable': 'Lire « {replacement} » à la place de « {prefix} » ne dit rien, ou n’est pas ce qu’on compose.',
  'line-changed': 'La ligne {line} vient d’être modifiée par quelqu’un d’autre. Rechargez la page.',
  'nothing-to-decide':
    'La condition « {condition} » n’est pas enfreinte par la ligne {line} en {period}, et rien n’y a été décidé.',
  'nothing-to-undo':
    'Rien n’est à annuler sur « {condition} » pour la ligne {line} : quelqu’un l’a peut-être déjà fait. Voyez l’historique.',
  'undo-outdated':
    'Cette décision sur « {condition} » pour la ligne {line} n’est plus la dernière : une autre l’a suivie, et elle reste. Voyez l’historique.',
  'reinstatement-stays':
    'La ligne {line} a été rétablie : ce qui lui a été rendu le reste. La prochaine infraction se décide à nouveau.',
  'preview-outdated':
    'Les faits ont changé : la décision changeait {calls} appels et {charge} {currency}, elle en change maintenant {callsNow} et {chargeNow} {currency}. Voyez ce qui est arrivé, puis décidez.',
  'decided-meanwhile':
    'Entre-temps, « {condition} » a été décidé pour la ligne {line} en {period}. Voyez l’historique, puis décidez.',
  'preview-unreadable': 'Ce que vous avez vu ne peut plus être vérifié. Rechargez le dossier, puis décidez.',
  'preview-of-another': 'Ce que vous avez vu est une autre décision que celle-ci. Rechargez le dossier, puis décidez.',
  'facts-not-judged': 'Ce qui a été saisi depuis sur la ligne {line} n’est pas encore jugé. Réessayez dans un instant.',
  'effect-too-early': 'L’effet ne peut pas précéder le mois du dossier, {period}.',
  'effect-too-late': 'L’effet ne peut pas être à plus d’un an.',
  'count-differs':
    'Il y a maintenant {cases} dossiers, et non {expected} : d’autres sont venus ou ont été décidés. Revoyez la liste.',
  'too-many-cases': 'On ne peut pas décider de {cases} dossiers à la fois : {most} au plus. Affinez le filtre.',
  'note-empty': 'La note est vide : écrivez ce qui doit être gardé.',
  'person-unknown': '« {name} » n’est pas un nom de 1 à 100 caractères.',
  'snooze-unusable': '« {until} » n’est pas un jour à venir, dans l’année.',
  'name-missing': 'Il faut dire qui le fait.',
  'reason-missing': 'Il faut dire pourquoi.',
  'filter-word-unknown': 'Le filtre ne connaît pas « {word} ». Ses mots : {words}.',
  'filter-value-unusable': 'Le filtre ne comprend pas « {word} » : « {name} » prend {possible}.',
  'filter-quote-open': 'Dans le filtre, un guillemet est ouvert et n’est pas fermé : « {word} ».',
  'view-name-unusable': 'Un nom de vue a de 1 à {most} caractères.',
  'view-filter-empty': 'Le filtre de cette vue est vide.',
  'views-too-many': 'Il y a déjà {most} vues : oubliez-en une qui ne sert plus.',
  'view-unknown': 'Cette vue n’est plus là : quelqu’un l’a oubliée ou remplacée.',
  'view-of-another': 'Cette vue est partagée par quelqu’un d’autre : votre clé ne permet pas de l’oublier.',
};

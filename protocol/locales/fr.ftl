# Textes de l’application, en français. Le catalogue anglais (en.ftl) a les mêmes clés.
#
# Règles, vérifiées par protocol/tests/catalogue.rs :
# - une espace insécable devant « : » et à l’intérieur des guillemets, une espace fine
#   insécable (ou insécable) devant « ; », « ! » et « ? » ; l’apostrophe est courbe ;
# - une phrase dit ce qui s’est passé, « .advice » dit quoi faire ;
# - les dates et les heures arrivent déjà écrites ;
# - un accusé de réception se dit « Lu et compris » : ce n’est pas une signature.

## Mots de tous les écrans

app-name = Estafette
word-conversation = conversation
word-announcement = consigne
word-record = fiche
word-device = appareil
word-emergency = urgence
word-draft = brouillon
action-acknowledge = Lu et compris
duty-on = en service
duty-off = hors service
duty-on-call = d’astreinte

## État d’un message

state-waiting = en attente de départ
state-awaited = en attente de restauration : l’appareil de l’auteur ne l’a pas encore rendu au relais
state-waiting-count = { $count ->
    [0] rien en attente de départ
    [one] { $count } message en attente de départ
   *[other] { $count } messages en attente de départ
}
state-waiting-for-reopening = partira à votre reprise, { $when }
state-handed = remis au relais
state-will-be-delivered = sera remis { $when }
state-received = reçu
state-read = lu
state-refused = refusé : { $reason }
state-sealed-before-arrival = avant votre arrivée
time-written = écrit { $when }
time-received = reçu { $when }
time-delivered = remis { $when }
unread-count = { $count ->
    [0] rien de non lu
    [one] { $count } non lu
   *[other] { $count } non lus
}
hours-closed-until = Hors service jusqu’à { $when } : rien ne vous est remis d’ici là.
hours-open-until = En service jusqu’à { $when }.

## Refus : une phrase par code, et quoi faire

fault-malformed = { $reason ->
    [empty_text] Ce texte est vide : on n’y verrait rien.
   *[other] Des données illisibles ou incomplètes ont été refusées.
}
    .advice = { $reason ->
        [empty_text] Rien n’est parti. Écrivez au moins un mot ou un signe qui se voit ; des espaces ou des lignes vides ne suffisent pas.
       *[other] Rien n’est perdu : réessayez. Si cela recommence, mettez l’application à jour, puis prévenez l’administrateur.
    }
fault-too-large = L’envoi est trop volumineux{ $number ->
    [absent] .
   *[other]  : { $number } octets au plus.
}
    .advice = Envoyez-le en plusieurs fois.
fault-message-too-long = Ce message est trop long{ $number ->
    [absent] .
   *[other]  : { $number } caractères au plus.
}
    .advice = Rien n’est parti : raccourcissez-le ou coupez-le en deux.
fault-reaction-invalid = Une réaction est un seul signe, et ceci n’en est pas un.
    .advice = Rien n’est parti : choisissez un seul émoji. Pour en dire plus, répondez au message.
fault-title-invalid = Un titre tient sur une seule ligne{ $number ->
    [absent] .
   *[other] , en { $number } caractères au plus.
}
    .advice = L’ancien titre reste : choisissez-en un plus court, sans retour à la ligne.
fault-ambiguous-name = Plusieurs objets ont un nom qui commence ainsi.
    .advice = Rien n’a été fait : recopiez davantage de son nom.
fault-unknown-request = Le relais ne connaît pas cette demande.
    .advice = L’application est sans doute plus récente que le relais : demandez à l’administrateur de mettre le relais à jour.
fault-no-such-route = Cette adresse n’existe pas sur le relais.
    .advice = Vérifiez l’adresse du relais, puis la version de l’application.
fault-method-not-allowed = Le relais n’accepte pas ce type de demande à cette adresse.
    .advice = Mettez l’application à jour. Un navigateur ne peut pas ouvrir cette adresse.
fault-unsupported-media = Le relais n’accepte pas ce format.
    .advice = Mettez l’application à jour. Un navigateur ne peut pas ouvrir cette adresse.
fault-unauthenticated = L’appareil ne s’est pas fait reconnaître.
    .advice = Réessayez. Si le refus persiste, demandez à l’administrateur de l’inscrire de nouveau.
fault-bad-proof = La preuve présentée n’est pas celle de cet appareil.
    .advice = Un accès ne sert que sur l’appareil qui l’a reçu : demandez à l’administrateur un ticket pour celui-ci.
fault-token-expired = L’accès de dix minutes est terminé.
    .advice = L’application le renouvelle d’elle-même : réessayez.
fault-request-replayed = Cette demande a déjà été reçue{ $number ->
    [absent] .
   *[other]  : la dernière porte le numéro { $number }.
}
    .advice = Rien n’est perdu ni envoyé deux fois : l’application recommence avec le numéro suivant.
fault-not-in-inventory = Cet appareil n’est pas à l’inventaire.
    .advice = Prenez votre appareil professionnel, ou demandez à l’administrateur d’inscrire celui-ci à l’inventaire.
fault-device-revoked = Cet appareil a été retiré par un administrateur.
    .advice = Il ne reçoit plus rien. Si c’est une erreur, demandez un nouveau ticket à l’administrateur.
fault-wake-up-refused = Le relais n’envoie pas de réveils à cette adresse.
    .advice = L’administrateur du relais peut en autoriser l’hôte dans ses réglages. Sans réveils, l’appareil demande lui-même.
fault-device-suspended = Le relais a suspendu cet appareil : une clé de sa preuve a été révoquée.
    .advice = Rien n’est perdu, rien ne part ni n’arrive. Prévenez l’administrateur : il décide, et une liste corrigée le libère d’elle-même.
fault-reattestation-required = Cet appareil doit montrer à nouveau qu’il est bien le vôtre et n’a pas été modifié.
    .advice = Il le fait de lui-même. Vos messages attendent et partiront ensuite ; si cela dure, mettez le système à jour ou montrez l’appareil à l’administrateur.
fault-device-locked = Cet appareil est verrouillé : il est resté trop longtemps sans contact.
    .advice = Rien n’est perdu. Retrouvez du réseau : il s’ouvrira de lui-même, brouillons et messages en attente compris. Urgences : 112, 15, 17, 18, 114.
fault-device-wiped = Le contenu de cet appareil a été effacé.
    .advice = Demandez un nouveau ticket à l’administrateur ; vos conversations reviendront sur l’appareil admis.
fault-lease-invalid = L’autorisation reçue n’est pas celle de cet appareil.
    .advice = Elle est ignorée, la précédente reste valable. Prévenez l’administrateur si cela se répète.
fault-exception-over = L’exception qui admettait cet appareil sans preuve est finie.
    .advice = Rien n’est perdu : vos messages attendent sur l’appareil. L’exception peut être renouvelée par deux personnes, ou un autre appareil inscrit.
fault-device-pending = Cet appareil attend l’accord d’un administrateur.
    .advice = Montrez-lui l’empreinte affichée à l’écran ; dès son accord, l’appareil sera admis à son prochain contact.
fault-forbidden = Votre rôle ne permet pas cette action.
    .advice = Demandez-la à votre responsable, ou à l’administrateur si votre rôle doit changer.
fault-alien-organisation = Cet appareil, ce certificat ou cet objet appartient à une autre organisation.
    .advice = Vérifiez que vous avez pris le bon dossier et le bon relais ; sinon, demandez un ticket de cette organisation.
fault-not-a-member = Vous n’êtes pas membre de cette conversation.
    .advice = Demandez à votre responsable de vous y faire entrer.
fault-not-found = Cette conversation ou cet objet est introuvable.
    .advice = Il a peut-être été supprimé. Vérifiez le nom, puis mettez la liste à jour.
fault-enrolment-invalid = Ce ticket n’est pas valable.
    .advice = Vérifiez qu’il est complet et recopié sans faute. Après cinq essais il est détruit : demandez-en un autre.
fault-enrolment-used = Ce ticket a déjà servi.
    .advice = Un ticket n’inscrit qu’un appareil : demandez-en un autre. Si vous ne l’avez pas utilisé vous-même, dites-le à l’administrateur.
fault-enrolment-expired = Ce ticket a expiré.
    .advice = Demandez-en un autre à l’administrateur.
fault-attestation-rejected = Cet appareil n’a pas pu prouver qu’il est bien celui de l’inventaire{ $reasons ->
    [absent] .
   *[other]  : { $reasons }.
}
    .advice = Réessayez avec l’appareil d’origine, à jour et non modifié. Sinon l’administrateur décide, au vu de ces raisons.
fault-status-list-stale = Le relais n’inscrit aucun téléphone : sa liste des clés d’attestation révoquées manque ou a plus de trois jours.
    .advice = Cet appareil n’est pas en cause. L’exploitant du relais importe la liste (estafette-relay attest list import), puis réessayez.
fault-entry-already-bound = Un autre appareil occupe déjà cette ligne de l’inventaire.
    .advice = L’administrateur retire d’abord l’ancien appareil, puis fait un nouveau ticket.
fault-statement-forged = Une décision de l’administration porte une fausse preuve ; elle n’a pas été appliquée.
    .advice = Ne recommencez pas : prévenez l’administrateur, le relais ou un appareil est peut-être compromis.
fault-statement-out-of-order = Une autre décision est arrivée avant{ $number ->
    [absent] .
   *[other]  : la dernière porte le numéro { $number }.
}
    .advice = Rien n’est changé : relisez ce qui vient d’être décidé, puis recommencez.
fault-statement-forbidden = L’auteur de cette décision n’avait pas le droit de la prendre.
    .advice = Elle n’a pas été appliquée. Un administrateur doit la prendre depuis son propre ordinateur.
fault-second-person-required = Une règle qui engage les autres se décide à deux.
    .advice = Proposez-la : un autre administrateur ou un responsable désigné l’approuvera. Les deux appareils d’une même personne comptent pour une.
fault-approval-waits = Personne d’autre ne peut approuver cette proposition{ $reopens ->
    [absent] .
   *[other]  : elle pourra être confirmée à partir du { $reopens }.
}
    .advice = D’ici là, tous les agents la voient venir. Un responsable désigné pour approuver, ou un deuxième administrateur, éviterait ce délai.
fault-policy-outdated = Cette proposition part d’une règle qui a changé depuis.
    .advice = Rien n’a changé. Relisez la règle en vigueur (estafette policies) et proposez de nouveau.
fault-proof-invalid = { $reason ->
    [founding] Cette preuve ne dit pas de façon sûre de quelle organisation elle vient.
    [relay_signature] Cette preuve ne porte pas la signature du relais de cette organisation.
    [contradiction] Cette preuve se contredit elle-même.
    [chain] Les décisions jointes à cette preuve sont incomplètes ou ont été changées.
    [differs_from_chain] Cette preuve dit autre chose que les décisions qui y sont jointes.
    [arrival] L’heure d’arrivée du message, dans cette preuve, ne tient pas.
   *[other] Cette preuve ne tient pas.
}
    .advice = Demandez le fichier d’origine à qui l’a faite : une copie modifiée, même d’un octet, est refusée.
fault-hours-invalid = { $reason ->
    [too_many] Il y a plus de périodes qu’on ne peut en retenir.
    [bad_interval] Une des plages de la semaine ne commence pas avant sa fin, ou passe minuit.
    [bad_holiday] Un des jours fermés n’est pas une date.
    [empty_period] La fin doit venir après le début.
    [period_length] Une preuve va d’un moment à un autre plus tard, 31 jours au plus.
    [bad_reason] La raison manque, ou elle est trop longue : 200 caractères au plus.
    [zone_too_long] Le nom du fuseau horaire est trop long.
    [bad_rest] Le repos doit commencer à la fin de l’intervention, et durer deux jours au plus.
    [bad_turn] Un des tours d’astreinte ne nomme personne, nomme deux fois la même personne, ou sort de la période.
    [overlap] Un des tours d’astreinte commence avant la fin du précédent.
    [bad_profile] Le nom du profil de garanties manque ou est trop long.
    [unknown_place] Les jours fériés de ce lieu ne sont pas connus de cette version.
    [not_past] Cette période n’est pas encore finie.
   *[other] Ces horaires ne tiennent pas.
}
    .advice = { $reason ->
        [empty_period] Rien n’est changé. Corrigez le début ou la fin, puis recommencez.
        [period_length] Rien n’est signé. Corrigez le début ou la fin, puis recommencez.
        [bad_reason] Rien n’est changé. Écrivez la raison en une phrase courte, puis recommencez.
        [not_past] Choisissez une période, ou un mois, qui est passé.
        [bad_profile] Rien n’est changé. Choisissez l’un de ceux qui existent, puis recommencez.
        [unknown_place] Rien n’est changé. Choisissez un lieu de la liste, puis recommencez.
       *[other] Rien n’est changé. Vérifiez que chaque période commence avant sa fin et qu’aucune n’en recouvre une autre, puis recommencez.
    }
fault-zone-unknown = Ce fuseau horaire n’est pas connu.
    .advice = Écrivez son nom IANA, par exemple Europe/Paris ou Indian/Reunion. Rien n’est changé.
fault-override-invalid = { $reason ->
    [empty_period] Cette dérogation n’a pas de fin à venir.
    [override_too_long] Cette dérogation dure trop longtemps : 24 heures au plus.
    [basis_missing] Cette dérogation n’a pas de fondement.
    [bad_reason] La raison manque, ou elle est trop longue : 200 caractères au plus.
    [bad_minutes] Le délai avant d’appeler la personne suivante va de 1 à 60 minutes.
   *[other] Cette dérogation n’est pas complète.
}
    .advice = Elle repose sur un seul fondement, dit pourquoi, et finit dans les 24 heures ; une autre peut suivre. Rien n’est ouvert.
fault-floors-broken = Ces horaires ne laissent pas le repos dû.
    .advice = Rien n’est signé. Laissez le repos indiqué, ou choisissez avec un juriste le profil du texte qui y déroge.
fault-override-limit = Trop d’urgences et de dérogations : cinq au plus en 24 heures pour une même personne.
    .advice = Rien n’a été envoyé en urgence. Un autre agent qui en a le droit peut la déclarer ; un message ordinaire part toujours.
fault-second-approver-required = Au-delà de 200 personnes, une deuxième personne habilitée doit approuver.
    .advice = Demandez-lui d’approuver, avec le même fondement et la même échéance, puis recommencez. Rien n’est parti.
fault-prolongation-refused = { $reason ->
    [not_allowed] Vos horaires ne permettent pas de prolonger votre service.
    [longer_than_an_hour] Un service se prolonge d’une heure au plus à la fois.
    [shorter_than_five_minutes] Un service se prolonge de cinq minutes au moins.
    [on_leave] Vous êtes en congé : votre service ne peut pas être prolongé.
    [not_now] Un service se prolonge pendant qu’il dure, ou à l’instant où il finit.
    [over_midnight] Un service ne se prolonge pas au-delà de minuit.
    [prolonged_already] Votre service est déjà prolongé à ce moment-là.
    [two_hours_a_day] Un service se prolonge de deux heures au plus par jour.
   *[other] Votre service ne peut pas être prolongé ainsi.
}
    .advice = Une heure au plus à la fois, deux heures par jour, sans passer minuit, si vos horaires le permettent. Votre message attend votre reprise.
fault-profile-invalid = Ce profil de garanties n’est pas utilisable.
    .advice = Choisissez l’un de ceux qui existent : fpe, fpt, fph, winter-2002-259, interior-2002-1278.
fault-statements-withheld = Le relais cache ou a changé une décision de l’administration{ $number ->
    [absent] .
   *[other] {" "}(après le numéro { $number }).
}
    .advice = Vos messages attendent sur cet appareil. Prévenez l’administrateur : il compare le relais avec son ordinateur.
fault-statements-old = Depuis sept jours, l’administration n’a plus confirmé la liste des appareils.
    .advice = Les conversations continuent, mais personne n’y entre. Prévenez l’administrateur : il suffit que son ordinateur joigne le relais.
fault-stale-epoch = Les clés de la conversation ont changé entre-temps.
    .advice = Rien à faire : l’application scelle de nouveau le message et le renvoie.
fault-commit-conflict = Un autre appareil a changé les clés de la conversation au même moment.
    .advice = Rien à faire : l’application suit ce changement et recommence.
fault-commit-invalid = Un changement de membres ou de clés a été refusé : il ne correspond pas aux décisions de l’administration.
    .advice = La conversation continue avec les clés d’avant. Si cela recommence, prévenez l’administrateur.
fault-removal-open = Un appareil retiré doit d’abord être écarté des clés de la conversation.
    .advice = Rien à faire : l’application s’en charge, puis renvoie le message.
fault-no-key-package = Un appareil de cette conversation n’a plus de clé d’accueil en réserve.
    .advice = Il en déposera à son prochain contact ; l’application réessaie d’elle-même.
fault-names-unread = Un autre ordinateur d’administration a publié des noms que celui-ci n’a pas encore lus. Rien n’a été publié, pour qu’aucun nom ne se perde.
    .advice = Attendez une minute, puis recommencez. Si cela dure, importez de nouveau l’inventaire sur cet ordinateur : les noms en viendront.
fault-slot-outdated = Une marque plus récente est déjà enregistrée.
    .advice = Rien à faire : la plus récente compte.
fault-too-late = Quelqu’un a déjà reçu ce message.
    .advice = Vous pouvez encore le supprimer : il disparaîtra des téléphones, et chacun verra qu’il a été supprimé.
fault-common-missing = Le relais n’a pas le texte de cette consigne.
    .advice = Rien à faire : l’appareil l’envoie de nouveau.
fault-receipt-invalid = Cet accusé de lecture n’est pas valable : il vient d’un autre appareil, vise une autre version, ou aucun n’est demandé.
    .advice = Ouvrez la consigne et touchez de nouveau « Lu et compris ». Si cela se répète, prévenez l’administrateur.
fault-corrected = Cette consigne a été corrigée.
    .advice = Lisez la nouvelle version, puis touchez « Lu et compris ».
fault-off-hours = { $reopens ->
    [absent] Vous êtes hors service.
   *[other] Vous êtes hors service jusqu’à { $reopens }.
}
    .advice = Le message est gardé et partira à votre reprise. Rien ne vous est remis d’ici là.
fault-chain-broken = L’historique d’une conversation ne correspond pas à ce que cet appareil avait reçu.
    .advice = Rien n’est effacé ici. Prévenez l’administrateur : un message a pu être retiré ou déplacé sur le relais.
fault-entry-rejected = Un message reçu a été refusé : son auteur ou son contenu ne se vérifie pas.
    .advice = Il n’est pas affiché. Si vous attendiez un message, demandez à son auteur de l’écrire de nouveau.
fault-clock-wrong = L’horloge de cet appareil est loin de l’heure du relais.
    .advice = Réglez la date et l’heure (de préférence automatiques), puis réessayez. Rien n’est perdu.
fault-not-enrolled = Cet appareil n’est pas inscrit.
    .advice = Demandez un ticket à l’administrateur, puis inscrivez l’appareil.
fault-pin-mismatch = Le relais joint n’est pas celui de votre organisation.
    .advice = Rien n’a été envoyé. N’insistez pas sur ce réseau ; si cela recommence ailleurs, prévenez l’administrateur.
fault-unreachable = Pas de contact avec le relais.
    .advice = { $reasons ->
        [not_sent] Rien n’a été fait, et rien n’attend de partir. Réessayez quand le relais répondra de nouveau.
        [unanswered] La demande est partie sans que la réponse revienne : elle est peut-être faite. Regardez ce qui est en place avant de recommencer.
       *[other] Vous pouvez lire et écrire : vos messages partiront d’eux-mêmes dès que le réseau reviendra.
    }
fault-disk-full = Il n’y a plus de place sur le disque.
    .advice = Rien de ce qui était enregistré n’est perdu. Libérez de la place, puis recommencez.
fault-store-corrupt = La base de données de cet appareil est abîmée.
    .advice = N’effacez rien : copiez le dossier, puis demandez à l’administrateur d’inscrire l’appareil de nouveau.
fault-store-too-new = Cette base de données a été écrite par une version plus récente.
    .advice = Mettez l’application à jour. Rien n’a été modifié.
fault-wrong-passphrase = La phrase de passe n’ouvre pas ce dossier.
    .advice = Vérifiez les majuscules et la langue du clavier, puis réessayez.
fault-file-too-large = Ce fichier est trop volumineux{ $number ->
    [absent] .
   *[other]  : { $number } octets au plus.
}
    .advice = Rien n’en a été lu. Une organisation tient largement dans cette taille : vérifiez que c’est le bon fichier, ou importez-le en plusieurs parties.
fault-file-unreadable = Ce fichier n’est pas un texte à colonnes.
    .advice = Dans le tableur, choisissez « Enregistrer sous », puis « CSV », et importez ce fichier-là.
fault-evidence-unreadable = Ce fichier ne contient pas de preuve de téléphone.
    .advice = Donnez un fichier JSON avec la chaîne ou l’objet App Attest, ou une chaîne de certificats PEM.
fault-file-exists = Ce fichier existe déjà ; il n’a pas été touché.
    .advice = Choisissez un autre nom, ou rangez l’ancien fichier.
fault-import-columns = La première ligne du fichier ne nomme pas ce qu’il faut{ $reasons ->
    [absent] .
   *[other]  : colonnes manquantes ou en double : { $reasons }.
}
    .advice = Pour l’inventaire : agent, nom, équipe, plateforme, modèle, numéro de série. Pour l’annuaire : agent, nom, prénom, fonction, équipe. Rien n’a été importé.
column-agent = agent
column-name = nom
column-platform = plateforme
column-model = modèle
column-serial = numéro de série
fault-import-incomplete = { $number ->
    [absent] Des lignes ont été refusées.
    [one] Une ligne a été refusée.
   *[other] { $number } lignes ont été refusées.
}
    .advice = Les autres sont prises. Corrigez celles qui sont listées et importez de nouveau le fichier : ce qui est en place ne change pas.
fault-shutting-down = Le relais s’arrête.
    .advice = L’application réessaie d’elle-même dans un instant.
fault-too-many-requests = Trop de demandes en peu de temps.
    .advice = Attendez une minute, puis réessayez. Rien n’est perdu.
fault-restoring = Le relais vient d’être restauré et attend les décisions de l’organisation.
    .advice = Vos messages attendent sur cet appareil. Un administrateur doit se connecter, ou lancer « estafette-relay doctor ».
fault-backup-damaged = Cette sauvegarde est incomplète ou abîmée.
    .advice = Rien n’a été restauré ni modifié. Prenez une autre sauvegarde, et gardez celle-ci de côté.
fault-internal = Une erreur de notre fait, ou un refus que cette version ne connaît pas.
    .advice = Rien n’est perdu : mettez l’application à jour et réessayez. Si cela recommence, prévenez l’administrateur.

## Raisons pour lesquelles un appareil n’est pas admis

reason-evidence-too-large = preuve trop volumineuse
reason-chain-too-long = suite de certificats trop longue
reason-chain-too-short = suite de certificats incomplète
reason-parse-cert = certificat illisible
reason-untrusted-root = fabricant non reconnu
reason-root-not-last = racine au milieu de la suite de certificats
reason-name-chaining = certificats qui ne se suivent pas
reason-bad-signature = certificat faux
reason-not-yet-valid = certificat pas encore valable
reason-expired = certificat expiré
reason-no-key-description = preuve sans description de la clé
reason-key-description-not-in-leaf = description de la clé au mauvais endroit
reason-parse-key-description = description de la clé illisible
reason-tags-unordered = description de la clé en désordre
reason-challenge-mismatch = preuve faite pour une autre inscription
reason-key-mismatch = preuve d’une autre clé
reason-inventory-model = modèle différent de celui de l’inventaire
reason-software-root = racine logicielle d’Android, dont la clé est publique
reason-not-authority = certificat émis par une clé qui n’en a pas le droit
reason-rkp-required = clé d’usine, alors qu’une clé renouvelée à distance est exigée
reason-revoked = clé d’attestation révoquée par Google
reason-status-list-stale = liste des clés révoquées trop ancienne
reason-security-level = clé hors du matériel protégé exigé
reason-key-origin = clé fabriquée hors du matériel protégé
reason-key-purpose = clé faite pour un autre usage
reason-key-algorithm = clé d’un autre type
reason-all-applications = clé ouverte à toutes les applications
reason-no-root-of-trust = démarrage du téléphone non décrit
reason-malformed-boolean = état de verrouillage mal écrit
reason-bootloader-unlocked = chargeur de démarrage déverrouillé
reason-boot-not-verified = système qui n’est pas celui du fabricant
reason-no-app-id = application non nommée
reason-no-app-signature = application sans certificat de signature
reason-app-package = autre application
reason-app-digest = application signée par une autre clé
reason-patch-level = correctifs de sécurité trop anciens
reason-inventory-serial = numéro de série différent de celui de l’inventaire, ou non prouvé
reason-id-chain = preuve du numéro de série refusée
reason-id-not-tied = preuve du numéro de série venue d’un autre téléphone
reason-parse-app-attest = preuve App Attest illisible
reason-nonce-mismatch = preuve App Attest faite pour d’autres données
reason-key-id-mismatch = nom de clé App Attest qui n’est pas le sien
reason-app-id-mismatch = preuve App Attest d’une autre application
reason-counter-not-zero = clé App Attest déjà utilisée
reason-development-aaguid = environnement de développement d’Apple
reason-production-aaguid = environnement de production d’Apple
reason-unknown-aaguid = environnement d’Apple inconnu
reason-assertion-signature = assertion App Attest fausse
reason-counter-not-greater = assertion App Attest déjà utilisée
reason-parse-managed-device = certificat d’appareil géré illisible

## Le relais, pour qui l’exploite

relay-init-made = Le relais est prêt dans { $folder }.
relay-init-pin = Empreinte de son certificat : { $pin }
relay-init-ticket = Ticket de fondation, montré cette seule fois :
relay-init-next = Ensuite : « estafette-relay serve { $folder } », puis, sur l’ordinateur de l’administrateur, « estafette admin create » avec ce ticket.
relay-init-exists = { $folder } existe déjà : rien n’y a été touché.
relay-init-failed = Le relais n’a pas été créé : { $why }
relay-organisation-next = Redémarrez le relais pour qu’il serve cette organisation.
relay-config-unreadable = { $file } : { $why }
relay-config-line = { $file }, ligne { $line } : { $why }
relay-config-too-large = trop grand pour un fichier de réglages
relay-config-range = un nombre de { $least } à { $most } est attendu ici
relay-config-development-program = ce programme sait accepter de fausses preuves (attestation de développement) : il refuse la production
relay-config-development-root = la racine de développement n’est pas admise en production
relay-config-no-development-root = ce programme ne contient pas la racine de développement
relay-config-public-development = un relais de développement n’écoute que sur une adresse locale ou privée, sauf avec « --i-know »
relay-config-apple-development = un relais de production n’accepte pas d’application en cours de développement (apple_environment)
relay-config-list-url = une adresse https est attendue, sans utilisateur ni fragment
relay-config-metrics-loopback = les mesures ne sont servies que sur une adresse de bouclage, par exemple 127.0.0.1
relay-config-signing-digests = des listes d’empreintes SHA-256 en hexadécimal sont attendues, aucune vide
relay-config-patch-level = un mois est attendu, comme 202605
relay-start-failed = Le relais ne démarre pas : { $why }
relay-start-other-mode = Le relais ne démarre pas : la base de { $folder } a été créée dans l’autre mode.
relay-start-software = Le relais ne démarre pas : l’inventaire de { $folder } contient une ligne sans preuve exigée (« software »), interdite en production.
relay-listening = Le relais écoute sur { $address }.
relay-ended = Le relais s’est arrêté, rien n’est perdu.
relay-backup-made = Sauvegarde complète dans { $folder } : { $organisations } organisations, { $size } Kio. Elle contient les clés du relais : gardez-la comme lui.
relay-backup-sound = Sauvegarde du { $when }, { $organisations } organisations : complète et intacte.
relay-backup-outside = Hors du dossier du relais, donc pas dans la sauvegarde : { $file }
relay-backup-exists = { $folder } existe déjà : rien n’est écrit par-dessus.
relay-backup-failed = Rien n’a été fait : { $why }
relay-restore-made = Relais du { $when } restauré dans { $folder }.
relay-restore-next = Lancez-le avec « estafette-relay serve { $folder } », puis faites connecter un ordinateur d’administration : jusque-là, le relais ne prend que les décisions de l’organisation. Ce que les appareils avaient remis depuis la sauvegarde revient avec eux.
relay-doctor-restoring = organisation { $id } : restaurée, attend un ordinateur d’administration. S’il n’en existe plus : « estafette-relay doctor --confirm-restore »
relay-doctor-restored = organisation { $id } : restaurée, { $count ->
    [one] 1 groupe attend encore que ses membres renouvellent leurs clés
   *[other] { $count } groupes attendent encore que leurs membres renouvellent leurs clés
}
relay-doctor-restore-confirmed = restauration confirmée : le relais reprend dans les secondes qui suivent, sans attendre d’ordinateur d’administration
relay-doctor-well = bien
relay-doctor-attention = attention
relay-doctor-config = réglages lus, mode { $mode }
relay-doctor-folder = dossier fermé aux autres comptes
relay-doctor-folder-open = { $folder } est ouvert à d’autres comptes : « chmod 700 { $folder } »
relay-doctor-key = clé du relais lisible par son seul propriétaire
relay-doctor-key-fault = clé du relais inutilisable : { $why }
relay-doctor-certificate = certificat lisible, empreinte { $pin }
relay-doctor-certificate-fault = certificat inutilisable : { $why }
relay-doctor-disk = écriture possible, { $free } Mio libres
relay-doctor-disk-space = plus que { $free } Mio libres, il en faut { $least } : faites de la place
relay-doctor-disk-write = le dossier ne peut pas être écrit : { $why }
relay-doctor-clock = horloge : { $now }
relay-doctor-clock-wrong = horloge impossible ({ $now }) : réglez-la avant de servir
relay-doctor-clock-confirmed = heure confirmée : le relais en tient compte dans les secondes qui suivent
relay-doctor-no-application = aucune application nommée dans [attestation] : aucun téléphone ne sera inscrit
relay-doctor-revocations = liste des clés révoquées : { $entries } entrées, du { $when }
relay-doctor-revocations-stale = liste des clés révoquées de plus de trois jours ({ $when }) : « estafette-relay attest list import »
relay-doctor-no-revocations = aucune liste des clés révoquées : aucun téléphone ne sera inscrit. « estafette-relay attest list import »
relay-doctor-revocations-unrefreshed = liste des clés révoquées pas renouvelée depuis le { $when } : son adresse dans [attestation] ne répond pas comme elle devrait
relay-doctor-barred = organisation { $id } : { $count ->
    [one] { $count } téléphone suspendu, une clé de sa preuve est révoquée
   *[other] { $count } téléphones suspendus, une clé de leur preuve est révoquée
} : « estafette admin devices »
relay-doctor-revocations-fault = liste des clés révoquées inutilisable : { $why }
relay-doctor-organisation = organisation { $id } : { $devices } appareils en service, dont { $administrators } d’administration
relay-doctor-one-administrator = organisation { $id } : un seul ordinateur d’administration. S’il est perdu, il ne reste que la feuille de secours : « estafette admin add-administrator »
relay-doctor-unfounded = organisation à fonder (dossier { $folder }) : son ticket n’a pas encore servi
relay-doctor-other-mode = la base de { $folder } a été créée dans l’autre mode : ce relais refusera de démarrer
relay-doctor-chain-broken = organisation { $id } : les décisions enregistrées ne se suivent pas ; restaurez une sauvegarde
relay-doctor-organisation-fault = base de { $folder } : { $why }
relay-audit-line = organisation { $id } : { $lines } lignes, la chaîne tient ; tête { $hash }
relay-audit-unfounded = { $folder } : organisation encore à fonder ; rien n’est vérifié
relay-audit-broken = organisation { $id } : le journal d’audit ne tient pas : { $why }
relay-audit-file = { $lines } lignes de l’organisation { $id }, signées le { $at } : la chaîne tient
relay-audit-file-broken = cet export ne tient pas : { $why }
relay-audit-key-wanted = Pour vérifier un export, donnez la clé publique du relais avec « --relay-key » (« estafette-relay audit export » l’affiche).
relay-audit-against = organisation { $id } : l’export donné est bien le début de ce journal
relay-audit-not-against = organisation { $id } : ce journal n’est pas la suite de l’export donné ; des lignes ont été remplacées ou coupées
relay-audit-key = Clé publique du relais, à garder à part : { $key }
relay-audit-which = Ce relais sert plusieurs organisations : dites laquelle avec « --organisation ».
relay-audit-none = Aucune organisation de ce nom dans ce relais.
relay-audit-failed = Le journal d’audit n’a pas pu être lu : { $why }
relay-audit-cut-missing = la ligne { $expected } manque ; la ligne { $found } se trouve à sa place
relay-audit-cut-unreadable = la ligne { $line } ne se lit pas
relay-audit-cut-following = la ligne { $line } ne suit pas la précédente
relay-audit-cut-altered = la ligne { $line } a été modifiée
relay-audit-cut-head = le relais a signé la ligne { $signed }, qui n’est pas celle qui se trouve là (dernière ligne : { $last })
relay-audit-cut-forged = la signature à la ligne { $line } n’est pas de la clé de ce relais
relay-audit-cut-no-head = la signature finale manque : la fin a pu être coupée
relay-audit-cut-after = quelque chose suit la signature finale
relay-retention-due = groupe { $roster }, conservé { $days } jours : { $entries } messages à effacer, { $size } Kio
relay-retention-done = groupe { $roster }, conservé { $days } jours : { $entries } messages effacés, { $size } Kio
relay-retention-none = Rien n’a dépassé sa durée de conservation.
relay-retention-failed = La conservation n’a pas pu être appliquée : { $why }
relay-attest-test-root = Attention : le fichier apporte sa propre racine, à laquelle sa chaîne a pu aboutir. Un relais ne l’accepterait pas.
relay-attest-list-imported = Liste des clés révoquées prise : { $entries } entrées, au { $when }.
relay-attest-list-stale = Elle a plus de trois jours ({ $when }) : un relais de production n’inscrit aucun téléphone avec elle.
relay-attest-list-failed = La liste n’a pas été prise : { $why }

## Le poste : l’ordinateur professionnel en ligne de commande

desk-team = équipe
desk-agent = agent
desk-yes = oui
desk-nothing-done = Rien n’a été fait.
desk-ask-passphrase = Phrase de passe :
desk-ask-new-passphrase = Nouvelle phrase de passe :
desk-awaited = { $count ->
    [one] 1 message en attente de restauration
   *[other] { $count } messages en attente de restauration
}
desk-before-arrival = { $count ->
    [one] { $count } message écrit avant votre arrivée
   *[other] { $count } messages écrits avant votre arrivée
}
desk-note = { $title } · { $count ->
    [one] un caractère
   *[other] { $count } caractères
} · { $when }
desk-note-same = La note a déjà ce texte : rien n’est envoyé.
desk-note-not-utf8 = Ce texte n’est pas de l’UTF-8 : rien n’est envoyé.
desk-hours-none = Aucun horaire n’est réglé : rien n’est retenu.
desk-hours-closed = hors service, reprise { $when }
desk-hours-set = Horaires réglés : { $week }.
desk-bad-week = Ces horaires n’ont pas été compris. Écrivez par exemple « lun-ven 08:00-12:00 13:30-17:00 ; sam 08:00-12:00 », et un fuseau comme Europe/Paris.
emergency-numbers = Urgences : 112 · SAMU 15 · police 17 · pompiers 18 · sourds et malentendants 114
desk-lease-open = Dernier contact : { $contact } · { $count ->
    [0] rien n’est en attente de départ
    [one] { $count } message en attente de départ
   *[other] { $count } messages en attente de départ
}. Sans autre contact, cet appareil se verrouille le { $lock } et s’efface le { $wipe }.
desk-lease-none = Aucun contact avec le relais pour l’instant.
desk-lease-locked = Cet appareil est verrouillé, son dernier contact date du { $contact }. Retrouvez du réseau : il s’ouvrira de lui-même. { $count ->
    [0] Sans contact, il s’efface le { $wipe }.
    [one] Sans contact, il s’efface le { $wipe }, avec { $count } message qui n’est pas parti.
   *[other] Sans contact, il s’efface le { $wipe }, avec { $count } messages qui ne sont pas partis.
}
desk-lease-wiped = Le contenu de cet appareil a été effacé{ $count ->
    [0] .
    [one] , avec { $count } message qui n’était pas parti.
   *[other] , avec { $count } messages qui n’étaient pas partis.
}
desk-lease-attest = Cet appareil n’a pas pu montrer à nouveau qu’il est bien le vôtre. Après le { $when }, il ne pourra plus que cela : montrez-le à l’administrateur.
desk-lease-locks = Sans contact avec le relais, cet appareil se verrouillera le { $when }. Rien ne sera perdu.
desk-lease-wipes = { $count ->
    [0] Sans contact avec le relais, cet appareil s’effacera le { $when }.
    [one] Sans contact avec le relais, cet appareil s’effacera le { $when } : { $count } message qui n’est pas parti sera perdu.
   *[other] Sans contact avec le relais, cet appareil s’effacera le { $when } : { $count } messages qui ne sont pas partis seront perdus.
}
desk-lease-bad = Ces durées ne conviennent pas : verrouillage après 1 à 30 jours, effacement après 7 à 90 jours et plus tard que le verrouillage.
desk-lease-set = Sans contact, les appareils se verrouillent après { $lock } jours et s’effacent après { $wipe } jours. Chacun le saura à son prochain contact.
desk-device-seen = dernier contact le { $day }
desk-device-never-seen = jamais vu
desk-device-locks-soon = dernier contact le { $day } : se verrouille bientôt, à joindre
desk-device-locked = dernier contact le { $day } : verrouillé, sauf congé connu
desk-device-suspended = suspendu : verrouillé, contenu gardé
desk-device-unconfirmed = effacement non confirmé
desk-device-wiped = effacé le { $day }{ $count ->
    [0] {""}
    [one] , { $count } message perdu
   *[other] , { $count } messages perdus
}
desk-bad-moment = Ce moment ne se lit pas. Écrivez par exemple « dimanche 22:00 », « 2026-12-24 22:00 » ou « 24/12/2026 22h ».
desk-bad-place = Ce lieu n’est pas connu. Écrivez l’un de ceux-ci : { $places }.
desk-hours-would = À blanc : ces horaires seraient { $week }.
floor-daily-rest = { $spot } : { $found } de repos de suite en 24 heures, il en faut { $limit } ({ $reference }).
floor-weekly-rest = { $spot } : { $found } de repos de suite en 7 jours, il en faut { $limit } ({ $reference }).
floor-amplitude = { $spot } : journée étendue sur { $found }, { $limit } au plus ({ $reference }).
floor-daily-hours = { $spot } : { $found } dans la journée, { $limit } au plus ({ $reference }).
floor-weekly-hours = { $spot } : { $found } en 7 jours, { $limit } au plus ({ $reference }).
floor-mean-weekly-hours = { $spot } : { $found } chaque semaine, { $limit } en moyenne au plus ({ $reference }).
floor-unconfirmed = Profil { $profile } : { $reference }. Aucun juriste ne l’a encore confirmé.
floor-refused = refusé
floor-flagged = signalé
weekday-name = { $day ->
    [0] lundi
    [1] mardi
    [2] mercredi
    [3] jeudi
    [4] vendredi
    [5] samedi
   *[other] dimanche
}
floor-spot-weekly = { $day } { $time }
intervention-none = Le repos de { $agent } est complet : rien n’est décalé.
intervention-shifted = { $agent } : intervention de { $from } à { $until }, repos dû de { $rest } ; reprise { $opens } au lieu de { $planned }.
intervention-dry-run = À blanc : rien n’est signé.
who-version = Le { $when }, selon les décisions connues jusqu’au n° { $number } :
policies-two = Une règle change à deux : l’un propose, l’autre approuve.
policies-one = Une seule personne change les règles ici. « estafette admin second-person » exige la deuxième.
policy-hours = Horaires de l’organisation : { $week } ({ $zone })
policy-hours-team = Horaires de l’équipe { $team } : { $week } ({ $zone })
policy-hours-agent = Horaires de { $name } : { $week } ({ $zone })
policy-lease = Sans contact : verrouillage après { $lock } jours, effacement après { $wipe } jours
policy-approver = { $name } approuve les règles proposées
policy-approver-ended = { $name } n’approuve plus les règles proposées
policy-representative = { $name } représente le personnel
policy-representative-ended = { $name } ne représente plus le personnel
policy-exception = Le téléphone de { $name } est admis sans preuve jusqu’au { $last } compris : { $reason }
policy-exception-entry = Le téléphone { $entry } de l’inventaire est admis sans preuve jusqu’au { $last } compris : { $reason }
policy-origin-one = Version { $number }, depuis le { $at }
policy-origin-two = Version { $number }, depuis le { $at } : proposée par { $author }, approuvée par { $approver }
policy-origin-alone = Version { $number }, depuis le { $at } : proposée par { $author }, confirmée après un jour faute d’une deuxième personne
policy-proposed = Proposition n° { $number }, par { $name }, le { $at } (à approuver avant le { $until }) :
policy-waits = Proposé, sous le n° { $number }. Rien ne change avant qu’une deuxième personne l’approuve : « estafette policy approve { $number } ».
policy-waits-alone = Proposé, sous le n° { $number }. Personne d’autre ne peut approuver : vous pourrez confirmer à partir du { $when }, par « estafette policy approve { $number } ». D’ici là, tous les agents le voient venir.
policy-question = Approuver ? (oui/non)
policy-approved = Proposition n° { $number } approuvée : elle est en vigueur.
policy-refused = Proposition n° { $number } retirée : rien n’a changé.
who-proposal = Comme si la proposition n° { $number } était approuvée :
desk-exception-past = Ce dernier jour est déjà passé.
desk-bad-date = Cette date ne se lit pas. Écrivez-la ainsi : 31/12/2026
desk-bad-month = Ce mois ne se lit pas. Écrivez-le ainsi : 2026-11
proof-of-what = Dites de quoi faire la preuve : un message (--message), ou un temps (--from et --until).
proof-written = Preuve écrite : { $file }. N’importe qui peut la vérifier avec « estafette verify ».
proof-head = Joignabilité de l’agent { $agent } de l’organisation { $organisation }, du { $from } au { $until }, selon les décisions jusqu’au n° { $version }. Signé par le relais le { $issued } :
proof-held-until = Message remis au relais le { $received }, retenu jusqu’au { $until }
proof-not-held = Message remis au relais le { $received }, non retenu
proof-still-held = Message remis au relais le { $received }, retenu jusqu’à la fin de ce temps
proof-arrived = Reçu le { $at }, selon l’appareil de l’agent
proof-rests-on-chain = Vérifié : la signature du relais, chaque décision avec son auteur, et que l’une suit des autres.
proof-without-chain = Vérifié : la signature du relais. Les décisions n’accompagnent pas ce fichier : elles n’ont pas été revues.
notices-none = Aucune dérogation n’a été décidée.
notices-one = N° { $number }, le { $at }, par { $author } : { $count ->
    [one] un agent
   *[other] { $count } agents
}, du { $from } au { $until } · { $basis } · { $reason }
notices-waiting = { $count ->
    [one] Un avis de dérogation vous attend
   *[other] { $count } avis de dérogation vous attendent
} : estafette notices
team-summary = { $name } · { $duty } en service, { $leave } en congé, { $off } hors service
team-on-duty = { $name } · en service
team-on-leave = { $name } · en congé jusqu’à { $until }
team-missed = un appareil sans contact depuis le { $day }
team-missed-unknown = Le relais n’a pas pu être joint : les appareils restés trois jours de service sans contact ne sont pas connus.
statistics-month = { $month }
statistics-all = Toute l’organisation
statistics-cell = { $name } ({ $people } personnes) : { $overrides } dérogations, { $entries } envois hors horaires
statistics-withheld = { $count ->
    [0] Aucun groupe n’est passé sous silence.
    [one] Un groupe est passé sous silence : il compte moins de { $people } personnes, ou n’en diffère d’un autre que de moins de { $people }.
   *[other] { $count } groupes sont passés sous silence : ils comptent moins de { $people } personnes, ou ne diffèrent d’un autre que de moins de { $people }.
}
who-on-duty = en service
who-on-call = d’astreinte
who-on-call-order = d’astreinte, appelé en { $place }
who-off-duty = hors service, reprise { $when }
who-off-duty-unknown = hors service
who-counts = Recevraient tout : { $duty }. Recevraient l’urgent : { $oncall }. Rien avant leur reprise : { $off }.
shifts-file = { $lines ->
    [one] Une période lue
   *[other] { $lines } périodes lues
}.
shifts-counts = Prises : { $added }. Déjà en place : { $unchanged }. Refusées : { $refused }.
shifts-flagged = Ligne { $line }, signalé : { $why }
shifts-reason = Planning importé
shift-time-unreadable = ce moment ne se lit pas : écrivez 24/12/2026 22:00 ou 2026-12-24 22:00.
shift-time-missing = il faut un début et une fin.
shift-inverted = la fin n’est pas après le début.
shift-too-long = une période de service a 48 heures au plus, une astreinte 15 jours.
shift-kind-unknown = le type est service ou astreinte.
shift-zone-unknown = le fuseau { $zone } n’est pas connu.
shift-overlap = cette période en recouvre une autre du même agent, ligne { $line }.
shift-overlap-standing = cette période en recouvre une autre du même agent, déjà en place.
shift-agent-unknown = cet agent n’a pas d’appareil dans l’organisation.
shift-team-unknown = cette équipe n’est pas connue.
shift-order-twice = cet agent ou ce rang est déjà pris dans ce tour d’astreinte.
shift-recurring = les événements répétés ne sont pas lus : exportez chaque occurrence.
shift-event-incomplete = l’événement ne se lit pas : il lui faut un début et une fin, une fois chacun.
shift-reason-too-long = le motif est trop long : 200 caractères au plus.
desk-store-sound = La base est saine : chaque message est à sa place.
desk-forget-question = { $count ->
    [0] Rien n’est en attente de départ. Les clés et les messages de cet ordinateur seront détruits. Écrivez « oublier » pour continuer :
    [one] { $count } message n’est pas parti et sera perdu. Les clés et les messages de cet ordinateur seront détruits. Écrivez « oublier » pour continuer :
   *[other] { $count } messages ne sont pas partis et seront perdus. Les clés et les messages de cet ordinateur seront détruits. Écrivez « oublier » pour continuer :
}
desk-forget-word = oublier
desk-forgotten = { $count ->
    [0] Cet ordinateur est retiré. Faites-le aussi couper par un administrateur.
    [one] Cet ordinateur est retiré, avec { $count } message qui n’était pas parti. Faites-le aussi couper par un administrateur.
   *[other] Cet ordinateur est retiré, avec { $count } messages qui n’étaient pas partis. Faites-le aussi couper par un administrateur.
}
desk-claim-ticket-needed = Ce ticket ne fonde pas d’organisation. Prenez celui que « estafette-relay init » a imprimé.
desk-founded = L’organisation { $name } est fondée, et cet ordinateur l’administre. Ajoutez un deuxième administrateur : « estafette admin add-administrator ».
desk-sheet-title = Feuille de secours de l’organisation. Recopiez ces 24 mots sur papier.
desk-sheet-keep = Gardez la feuille dans un coffre. Sans elle et sans cet ordinateur, l’organisation ne peut plus nommer d’administrateur ; les agents continuent d’écrire et de lire.
desk-sheet-ask = Mot numéro { $place } :
desk-sheet-wrong = Ce ne sont pas ces mots. Rien n’a été fondé : recommencez, la feuille à la main.
desk-ticket = Ticket à usage unique, valable 24 heures. Ne l’envoyez à personne d’autre :
desk-ticket-for = { $name }, agent { $agent } · { $model }, série { $serial } · valable jusqu’au { $until }
desk-tickets-made = { $count ->
    [0] Aucun ticket à faire : chaque appareil de l’inventaire est inscrit.
    [one] Un ticket, à remettre en main propre.
   *[other] { $count } tickets, à remettre en main propre.
}
desk-enrolled = Cet appareil est inscrit.
desk-enrolment-pending = L’appareil attend l’accord d’un administrateur. Empreinte à comparer : { $fingerprint }
desk-approve-question = { $name }, { $model }, empreinte { $fingerprint }. La même sur l’appareil ? (oui/non)
desk-approved = { $count ->
    [0] Aucun appareil approuvé.
    [one] { $count } appareil approuvé.
   *[other] { $count } appareils approuvés.
}
desk-phones = Voilà ce que cet ordinateur demande aux téléphones. Liste des clés révoquées du { $when }.
desk-phones-no-list = Voilà ce que cet ordinateur demande aux téléphones. Aucune liste des clés révoquées ici : seul le relais les cherche (« estafette admin phones --list »).
desk-phones-nobody = Aucune application n’est nommée : aucun téléphone ne sera approuvé d’ici. « estafette admin phones --package … --signer … »
desk-phones-bad-signer = Un signataire est un SHA-256 en hexadécimal. Ceux d’un même jeu sont séparés par des virgules.
desk-device-barred = suspendu par le relais depuis le { $day } : une clé de sa preuve est révoquée. Retirez-le (« estafette admin revoke ») ou attendez une liste corrigée
desk-device-barred-shown = suspendu par le relais depuis le { $day } : une clé de sa preuve est révoquée. Coupez-le, ou attendez une liste corrigée
desk-device-attest-late = preuve à renouveler depuis le { $day } : dans les sept jours, sinon il ne pourra rien faire d’autre
desk-device-attest-overdue = preuve périmée le { $day } : il ne peut plus que la renouveler
desk-device-active = en service
desk-device-revoked = coupé
stock-waits = attend d’être admis
stock-ticket = ticket fait, valable jusqu’à { $until }
stock-no-ticket = sans ticket
stock-refused = appareil refusé
stock-lost = perdu ou volé le { $day }
stock-replaced = remplacé le { $day }
stock-retired = retiré le { $day }
stock-suspended = suspendu le { $day }
desk-left = Le compte est clos : { $count ->
    [one] { $count } appareil coupé
   *[other] { $count } appareils coupés
}. Ce que l’agent a écrit reste lisible.
desk-left-teams = Équipes sans responsable : { $teams }. Désignez-en un.
desk-member = { $name } ({ $count ->
    [one] { $count } appareil
   *[other] { $count } appareils
})
desk-member-archive = { $name }, service d’archives
desk-past-lost = Ces messages sont perdus pour cet appareil : dans une conversation personnelle, seul un autre de vos appareils pouvait les transmettre.
desk-revoked = L’appareil est coupé : ses connexions sont fermées, il ne lira rien de ce qui suit.
desk-announce-no-team = Aucune équipe de ce nom où vous puissiez diffuser : { $name }. « estafette threads » montre les vôtres.
desk-bad-time = Heure illisible ou passée. Écrivez « 10:00 » ou « 2026-11-24 10:00 ».
desk-correct-choose-due = L’échéance de cette consigne est passée. Donnez-en une nouvelle (--due), ou dites que personne n’a plus à confirmer (--no-due). Rien n’est parti.
desk-acknowledged = Lu et compris, remis au relais.
desk-acknowledged-waits = Lu et compris, en attente de départ.
desk-announcement-corrected = Corrigée : voyez { $version }.
desk-announcement-acknowledged = « Lu et compris », { $when }
desk-announcement-asked = « Lu et compris » attendu avant { $when }
desk-announcement-counts = « Lu et compris » : { $acknowledged } sur { $people } · en congé : { $leave }
desk-person-on-leave = en congé
desk-person-unreached = non joint
desk-team-changed = { $count ->
    [0] L’équipe n’a pas changé.
    [one] { $count } appareil déplacé.
   *[other] { $count } appareils déplacés.
}
desk-sheet-relay = Le relais, à recopier aussi : { $relay }
desk-sheet-words = Les 24 mots de la feuille, sur une ligne :
desk-sheet-count = { $count ->
    [0] Il n’y a aucun mot.
    [one] Il n’y a qu’un mot.
   *[other] Il y a { $count } mots.
 } Une feuille de secours en a { $wanted }.
desk-sheet-unknown = Ces mots ne sont dans aucune feuille de secours, relisez-les ; leurs numéros : { $places }.
desk-sheet-together = Chaque mot existe, mais ensemble ils ne font pas une feuille de secours. Vérifiez chaque mot et leur ordre.
desk-recovered = Cet ordinateur administre de nouveau l’organisation. Coupez l’ordinateur perdu (« estafette admin revoke ») et importez de nouveau l’inventaire : les numéros de série n’étaient que sur l’ordinateur perdu.

## Conversations, leurs membres, leurs messages

class-service = conversation de service
class-diffusion = consignes
class-personnel = conversation personnelle : ni archivée, ni comprise dans les exports de l’organisation
class-syndical = conversation syndicale : dans aucun export de l’organisation
date-day = { $weekday ->
    [0] lundi
    [1] mardi
    [2] mercredi
    [3] jeudi
    [4] vendredi
    [5] samedi
   *[other] dimanche
} { $day ->
    [1] 1er
   *[other] { $day }
} { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[other] décembre
} { $year }
time-today = aujourd’hui { $time }
time-tomorrow = demain { $time }
state-received-by = reçu par { $count } sur { $people }
state-read-by = lu par { $count } sur { $people }
desk-members = { $count ->
    [one] { $count } personne la lit.
   *[other] { $count } personnes la lisent.
}
desk-is-edited = modifié
desk-is-pinned = épinglé
desk-erased = supprimé par son auteur
desk-mentions = à l’attention de { $names }
desk-versions-wait = { $count } versions écrites sans se connaître, l’auteur choisit : estafette versions { $message }
desk-version-first = premier texte
desk-version-current = version actuelle
desk-version-older = remplacée
desk-versions-choose = Pour garder l’une des versions actuelles : estafette versions { $message } --keep VERSION
desk-edited = Message modifié
desk-deleted = Message supprimé
desk-reacted = Réaction donnée
desk-reaction-withdrawn = Réaction retirée
desk-pinned = Message épinglé
desk-unpinned = Message désépinglé
desk-titled = Titre changé
web-title-leaves = Le nouveau titre est en attente de départ : l’ancien reste jusque-là.
desk-title-removed = Titre retiré
desk-cancelled = Message repris : personne ne l’a reçu.
desk-draft-kept = Brouillon gardé sur cet ordinateur.
desk-draft-none = Aucun brouillon dans cette conversation.
desk-draft-cleared = Brouillon effacé.
desk-muted = Conversation muette sur cet ordinateur jusqu’à nouvel ordre.
desk-muted-until = Conversation muette sur cet ordinateur jusqu’à { $when }.
desk-unmuted = La conversation n’est plus muette.
desk-is-muted = muette
desk-found = { $count ->
    [0] Aucun message ne contient ces mots.
    [one] { $count } message trouvé.
   *[other] { $count } messages trouvés.
}
desk-found-more = Il y en a d’autres : --count en montre davantage.

## Export d’une conversation

export-members = { $count ->
    [one] { $count } membre
   *[other] { $count } membres
} : { $names }
export-made = { $count ->
    [one] { $count } message
   *[other] { $count } messages
}, export du { $when } par { $who }.
export-unreadable = { $count ->
    [one] { $count } message ne peut pas être lu sur l’appareil qui a fait cet export.
   *[other] { $count } messages ne peuvent pas être lus sur l’appareil qui a fait cet export.
}
export-answer = en réponse à { $name }
export-answer-absent = en réponse à un message qui n’est pas ici
export-corrected = corrigée
export-versions = Autres versions
export-nobody = auteur inconnu
export-done = { $title } : { $count ->
    [one] { $count } message
   *[other] { $count } messages
}
export-clear = Ces fichiers sont lisibles par qui les a : gardez-les comme les messages.
export-withheld = { $count ->
    [0] Aucune conversation personnelle ou syndicale n’a été laissée de côté.
    [one] { $count } conversation personnelle ou syndicale est laissée de côté : un export de l’organisation n’en contient pas.
   *[other] { $count } conversations personnelles ou syndicales sont laissées de côté : un export de l’organisation n’en contient pas.
}
progress-messages = Messages

## Importation d’un fichier CSV (estafette admin import)

import-inventory = Inventaire, { $lines ->
    [one] { $lines } ligne
   *[other] { $lines } lignes
} ; { $encoding }, séparateur « { $separator } ».
import-directory = Annuaire, { $lines ->
    [one] { $lines } ligne
   *[other] { $lines } lignes
} ; { $encoding }, séparateur « { $separator } ».
import-dry-run = Essai à blanc : rien n’est changé. Voici ce qui le serait.
import-ignored = Colonnes laissées de côté : { $names }.
import-teams = Équipes nouvelles : { $names }.
import-movers = Ces agents changent d’équipe et ont un appareil en service : { $agents }. Leurs conversations se règlent avec « estafette admin team ».
import-counts = Ajoutées : { $added }. Modifiées : { $updated }. Déjà en place : { $unchanged }. Refusées : { $refused }.
import-nothing = Rien à changer : tout ce que dit ce fichier est en place.
import-line-added = Ligne { $line } : ajoutée.
import-line-updated = Ligne { $line } : modifiée.
import-line-refused = Ligne { $line } : { $why } ({ $code })
import-not-utf8 = des lettres sont abîmées. Le reste du fichier est en UTF-8 : corrigez la ligne.
import-quote-open = un guillemet s’ouvre et ne se ferme pas sur cette ligne.
import-columns = { $found } champs, alors que la première ligne en nomme { $expected }. Un texte qui contient le séparateur se met entre guillemets.
import-agent-missing = le numéro de l’agent manque.
import-agent-not-a-number = le numéro de l’agent doit être un nombre entier, 1 ou plus.
import-name-missing = cet agent n’est pas encore connu : il faut son nom.
import-device-incomplete = plateforme, modèle et numéro de série vont ensemble ; il en manque.
import-level-unknown = le niveau est « attesté », ou « possédé » pour un téléphone qui doit prouver son numéro de série.
import-platform-unknown = la plateforme est android, ios ou ordinateur.
import-field-too-long = un champ est trop long : { $limit } au plus.
import-control-character = un champ contient un caractère qui ne s’imprime pas.
import-serial-twice = ce numéro de série est déjà à la ligne { $line } ; c’est elle qui compte.
import-agent-twice = la ligne { $line } dit autre chose de cet agent ; c’est elle qui compte.
import-agent-other-name = ce numéro est celui de { $name }. Si le fichier a raison, ajoutez --replace.
import-serial-other-agent = cet appareil est celui de l’agent { $agent }. Si le fichier a raison, ajoutez --replace.
import-device-active = cet appareil est en service : coupez-le d’abord (« estafette admin revoke »).
import-agent-other-name-shown = ce numéro est celui de { $name }. Si le fichier a raison, cochez « Le fichier fait foi » plus bas, puis recommencez.
import-serial-other-agent-shown = cet appareil est celui de l’agent { $agent }. Si le fichier a raison, cochez « Le fichier fait foi » plus bas, puis recommencez.
import-device-active-shown = cet appareil est en service : coupez-le d’abord, à la page « Appareils ».
progress-teams = Équipes
progress-devices = Appareils
progress-tickets = Tickets

## Rejeu de conversations (commande de développement)

replay-all-files = Ensemble
replay-enrolling = { $file } : inscription de { $devices } appareils…
replay-joining = { $file } : les appareils rejoignent leur équipe…
replay-speaking = { $file } : { $spoken } messages sur { $messages }…
replay-judging = { $file } : comparaison de tous les appareils…
replay-lacking = Il manque des messages : { $who }
replay-failed = Le rejeu n’a pas pu se faire : { $cause }
replay-figures = { $file } : { $messages } messages, { $devices } appareils, { $cuts } coupures, { $restarts } redémarrages, { $seconds } s ; perdus { $lost }, en double { $duplicated }, divergents { $diverged }, indéchiffrables { $undecryptable } ; octets par message envoyé { $up }, par message reçu { $down }
replay-unreadable = { $file } ne se lit pas : { $cause }
replay-system-failed = L’ordinateur a refusé : { $cause }
replay-relay-failed = Le relais du rejeu a fait défaut. Détail technique : { $cause }
replay-device-failed = Un appareil du rejeu a fait défaut. Détail technique : { $cause }
replay-not-joined = { $count ->
    [one] Un appareil n’a pas rejoint son équipe à temps.
   *[other] { $count } appareils n’ont pas rejoint leur équipe à temps.
}
replay-stuck = Le message { $message } ne peut pas être écrit : ce à quoi il répond n’arrive pas.
replay-bad-line = { $file }, ligne { $line } : { $fault }
replay-no-message = { $file } ne contient aucun message.
replay-no-files = { $folder } ne contient aucun fichier .jsonl.
replay-too-many-authors = { $file } a { $authors } auteurs, et une équipe prend { $limit } appareils au plus.
replay-line-not-utf8 = ce n’est pas de l’UTF-8
replay-line-not-a-message = ce n’est pas un message ({ $cause })
replay-line-number = « n » vaut { $number }, { $expected } était attendu
replay-line-no-author = l’auteur manque
replay-line-empty = le texte est vide
replay-line-too-long = { $number } caractères, { $limit } au plus
replay-line-forward = répond au message { $number }, qui n’est pas avant lui
replay-line-many-answers = répond à { $number } messages, { $limit } au plus
note-replay-enrolling = Inscription des appareils…
note-replay-writing = Écriture
note-replay-judging = Comparaison de tous les appareils…
note-replay-equal = { $file } : { $transactions } transactions en { $entries } entrées, { $devices } appareils, { $seconds } s ; octets vers le relais { $up }, depuis le relais { $down } ; tous les appareils ont le texte attendu.
note-replay-different = { $file } : { $transactions } transactions en { $entries } entrées, { $devices } appareils, { $seconds } s ; octets vers le relais { $up }, depuis le relais { $down } ; un appareil au moins n’a pas le texte attendu.
note-replay-stuck = Le passage { $stretch } ne peut pas être écrit : ce que son auteur avait vu n’arrive pas.
trace-too-large = { $file } dépasse { $number } Mio une fois décompressé.
trace-not-a-trace = { $file } n’est pas une séance d’écriture : { $cause }
trace-kind = { $file } est une séance du genre « { $cause } », qui n’est pas connu.
trace-empty = { $file } ne contient aucune transaction.
trace-agents = { $file } annonce { $number } auteurs : il en faut au moins un, et pas plus que d’appareils dans une équipe.
trace-transaction = { $file }, transaction { $number } : l’auteur ou les transactions précédentes ne tiennent pas.

## La démonstration

demo-title = Estafette : une courte journée
demo-opening = Un vrai relais et quatre vrais téléphones, sans leurs écrans : le même code, une vraie liaison TLS, sur cet ordinateur. Chaque ligne cochée est vérifiée dans leurs bases de données avant d’être écrite.
demo-ready = Le relais tourne, l’organisation est fondée, { $devices } appareils sont inscrits : Amine Kaci, Chloé Martin, Paul Roux, et Léa Bernard qui les encadre.
demo-the-relay = Le relais
demo-tunnel = Un tunnel
demo-tunnel-cut = Amine entre dans une galerie : son réseau est coupé. Il écrit quand même.
demo-wrote = « { $text } » · { $state }
demo-relay-nothing = n’a rien reçu de plus.
demo-nothing-here = ne voit rien.
demo-tunnel-mended = Amine ressort : le réseau revient. Il ne touche à rien.
demo-state = son message est { $state }.
demo-relay-one = tient une entrée scellée de plus.
demo-shown = « { $text } » · { $state }
demo-received-mark = sait que Chloé l’a reçu.
demo-closing = 17:00
demo-closing-how = Paul finit à 17:00, mais on ne règle pas l’horloge du relais : pour la démonstration, l’administratrice signe une journée qui finit dans cinq secondes. Reprise à 08:00, comme les autres jours.
demo-tomorrow = demain { $time }
demo-another-day = le { $date } à { $time }
demo-wrote-off-duty = « { $text } » · { $state } · Paul : { $later }
demo-on-duty = l’ont déjà reçu : ils sont en service.
demo-relay-holds = garde l’entrée scellée pour Paul.
demo-no-byte = n’a rien vu passer : { $bytes } octets étaient descendus sur sa ligne avant le message, { $bytes } après.
demo-curious = ouvre l’application par curiosité : { $bytes } octets descendent, pour lui dire que c’est fermé. Aucun message.
demo-recall-how = La démonstration n’attend pas demain : Léa rappelle Paul en service, sous sa signature. Paul l’apprend en rouvrant l’application (sinon, à son prochain contact avec le relais).
demo-recall-reason = Rappel de démonstration
demo-recall = rappelle Paul en service pour une heure. Motif : { $reason }.
demo-announcement = Une consigne
demo-announcement-how = Léa diffuse une consigne à son équipe et attend un « Lu et compris » de chacun. Chloé est dans une vallée, sans réseau.
demo-announcement-asked = « { $text } » · « Lu et compris » attendu
demo-announcement-late = compte { $acknowledged } « Lu et compris » sur { $people } ; Chloé : non joint.
demo-announcement-back = sort de la vallée : la consigne est là, et lui demande.
demo-announcement-all = compte { $people } sur { $people }.
demo-announcement-relay = tient { $people } accusés, un par personne, sans savoir de quoi ; il aurait rappelé lui-même qui manquait.
demo-phone = Un deuxième téléphone
demo-phone-how = Amine reçoit un deuxième téléphone. Un ticket, l’accord de l’administratrice, et c’est tout : pas de mot de passe, pas de code, pas de sauvegarde à retrouver.
demo-phone-history = { $messages ->
    [one] son nouveau téléphone montre { $messages } message écrit avant lui
   *[other] son nouveau téléphone montre les { $messages } messages écrits avant lui
}, dans le même ordre, { $seconds ->
    [0] moins d’une seconde
   *[other] { $seconds } s
} après la demande du ticket. Un membre en service lui a remis les clés, scellées pour lui.
demo-edit = Une correction, deux téléphones
demo-edit-how = Amine redescend sans réseau, avec ses deux téléphones. Il corrige son message sur l’ancien, l’oublie, et le corrige autrement sur le nouveau.
demo-edit-here = corrige sur l’ancien : « { $text } » · { $state }
demo-edit-there = corrige sur le nouveau : « { $text } » · { $state }
demo-edit-others = Les autres
demo-edit-before = lisent encore l’ancien texte.
demo-edit-everybody = Tous
demo-edit-both = Le réseau revient. Les { $devices } téléphones gardent les deux corrections côte à côte, et montrent la même en attendant que leur auteur choisisse : aucune n’a écrasé l’autre.
demo-edit-chosen = choisit « { $text } » : une seule version est en vigueur sur les { $devices } téléphones ; l’histoire garde les { $versions } textes.
demo-storm = 21:00, la tempête
demo-storm-how = Amine et Chloé sont rentrés ; Amine est d’astreinte. Léa a reçu le droit de déclarer une urgence : elle doit en dire le fondement, le motif et la fin.
demo-storm-reason = Tempête, danger pour des personnes
demo-storm-declared = déclare une urgence, motif « { $reason } » : « { $text } »
demo-storm-on-call = la reçoit chez lui : il est d’astreinte, et le premier appelé.
demo-storm-at-home = n’est pas d’astreinte : aucun octet n’est descendu sur sa ligne ({ $bytes } avant, { $bytes } après). Elle lira demain.
demo-storm-answered = sait qu’Amine a répondu. Sans réponse en dix minutes, le suivant aurait été appelé.
demo-storm-record = tient sur son téléphone, pour lui seul, la fiche de son intervention : son début y est noté.
demo-lost = Un téléphone perdu
demo-lost-how = Amine a perdu son nouveau téléphone sur le chantier. L’administratrice le déclare perdu.
demo-lost-phone = Le téléphone
demo-lost-empty = est coupé et vidé après { $seconds } s : des { $messages } messages qu’il montrait, il ne reste rien.
demo-lost-confirmed = tient la confirmation de l’effacement. Sans réseau, le téléphone se serait verrouillé de lui-même au bout de sept jours.
demo-lost-kept = n’a rien perdu : son premier téléphone a tout.
demo-decimal = ,
demo-rooted = Déverrouillé
demo-rooted-how = Le même ticket, lu par un { $due } comme prévu, mais dont le chargeur de démarrage a été déverrouillé.
demo-stranger = Le téléphone d’un inconnu
demo-stranger-how = Un vrai ticket, mais lu par un autre téléphone : l’inventaire attend un { $due }, c’est un { $other }. Puis un téléphone personnel, sans ticket, qui en invente un.
demo-a-stranger = L’inconnu
demo-no-ticket = Sans ticket
demo-refused = refusé : « { $why } »
demo-nobody-waits = n’a inscrit personne : aucun appareil en attente, aucun de plus.
demo-ledger = Ce que le relais a vu
demo-ledger-size = Son dossier : { $files } fichiers, { $kib } Kio. Sa base : { $entries } entrées scellées.
demo-ledger-nothing = Ses fichiers ont été cherchés octet par octet : ni les { $texts } textes écrits, ni les quatre noms, ni leurs mots de cinq lettres ou plus ({ $words } textes cherchés). Rien de lisible.
demo-ledger-control = La même recherche trouve ce que le relais doit connaître : le modèle « { $model } » de l’inventaire et le motif « { $reason } », que Léa a signé en clair.
demo-ledger-knows = Il sait donc : des numéros ({ $devices } téléphones, une équipe, qui en est), des horaires, et pour { $entries } entrées leur auteur par numéro, leur taille et leur heure.
demo-replay = Une conversation entière, sur un mauvais réseau
demo-replay-how = { $messages } messages sont rejoués. Le réseau est coupé sans cesse, des appareils et le relais perdent leur courant. Cela prend un moment…
demo-replay-run = { $messages } messages, { $devices } appareils, { $cuts } coupures, { $restarts } redémarrages, { $seconds } s.
demo-replay-verdict = Perdus { $lost }, en double { $duplicated }, divergents { $diverged }, indéchiffrables { $undecryptable } : tous les appareils montrent le même fil.
demo-replay-bytes = Octets par message envoyé : { $up } ; par message reçu : { $down }.
demo-replay-unread = Dans les fichiers de ce relais non plus, aucun des { $texts } messages d’au moins { $least } octets n’est lisible.
demo-end = La journée est finie. Tout ce qui est coché a été vérifié.
demo-again = Entrée pour revoir la journée, q pour finir
demo-untrue = La démonstration s’arrête : ceci n’est pas vrai ici : { $cause }
demo-failed = La démonstration n’a pas pu se faire : { $cause }

basis-protection = protection des personnes et des biens (décret 2000-815, art. 3, II, a)
basis-circumstances = circonstances exceptionnelles (décret 2000-815, art. 3, II, b)
basis-other = fondement n° { $number }
urgent-now = { $count ->
    [one] Reçoit tout de suite : { $names }.
   *[other] Reçoivent tout de suite ({ $count }) : { $names }.
}
urgent-now-nobody = Personne ne reçoit tout de suite : personne n’est en service ni d’astreinte.
urgent-later = { $count ->
    [one] Une personne reçoit à sa reprise, { $when }.
   *[other] { $count } personnes reçoivent à leur reprise, la première { $when }.
}
urgent-later-unknown = { $count ->
    [one] Une personne reçoit à sa reprise.
   *[other] { $count } personnes reçoivent à leur reprise.
}
urgent-order = Appelés dans cet ordre, { $minutes } minutes chacun : { $names }.
urgent-order-nobody = La rota ne nomme personne : personne n’est appelé.
urgent-dry-run = À blanc : rien n’est envoyé.
urgent-sent = envoyé en urgence
urgent-waiting = partira en urgence dès que le réseau revient
urgent-terms = URGENT · { $basis } · { $reason } · jusqu’à { $until } · déclaré par { $author }
urgent-called = { $name } · appelé { $when }
urgent-answered = { $name } · a répondu { $when }
urgent-you-are-called = Vous êtes appelé : répondez avant { $until }.
urgent-unanswered = Personne n’a répondu ({ $when }).
urgent-responded = Réponse donnée : l’auteur sait que vous y allez.
urgent-override = Dérogation de { $from } à { $until } · { $basis } · { $reason } · décidée par { $author }
urgent-approved = Approuvé : { $name } peut atteindre cette équipe en urgence jusqu’à { $until }.
urgency-right-granted = L’agent { $agent } peut déclarer des urgences.
urgency-right-withdrawn = L’agent { $agent } ne peut plus déclarer d’urgences.
override-stated = { $count ->
    [one] Dérogation posée pour un agent, jusqu’à { $until }.
   *[other] Dérogation posée pour { $count } agents, jusqu’à { $until }.
}
desk-prolonged = Service prolongé de { $from } à { $until }.
desk-held-cancel = Vous pouvez l’annuler jusque-là : « estafette cancel { $message } ».
desk-held-prolong = Pour écrire maintenant, prolongez votre service : « estafette prolong ».
own-intervention = Intervention de { $from } à { $until }. Pour faire décaler votre reprise, si vous le voulez : { $command }
own-intervention-open = Intervention depuis { $from }, close d’elle-même à { $until }.
own-intervention-none = Aucune intervention.
own-intervention-ended = Intervention close.
own-intervention-exported = { $count ->
    [one] Une intervention écrite.
   *[other] { $count } interventions écrites.
}
own-intervention-columns = numéro,début,fin,fuseau,minutes,message

## Le bureau : pages de l’ordinateur professionnel

day-today = aujourd’hui
day-yesterday = hier
day-tomorrow = demain
web-skip = Aller au contenu
web-places = Les lieux
web-standing = État de cet appareil
web-conversations = Conversations
web-announcements = Consignes
web-me = Moi
web-lock = Verrouiller
web-home = Revenir à l’accueil
web-this-language = Français
web-refused = Ceci n’a pas été fait
web-not-shown = Cette page ne peut pas être montrée
web-device-locked = Cet appareil est verrouillé
web-device-emptied = Cet appareil est vide
web-device-none-found = Aucun appareil ne correspond à « { $words } ».
web-lease-open = { $count ->
    [0] Rien n’est en attente de départ
    [one] { $count } message en attente de départ
   *[other] { $count } messages en attente de départ
}. Sans autre contact, cet appareil se verrouille le { $lock } et s’efface le { $wipe }.
web-week-unread = Ces horaires n’ont pas été compris. Écrivez par exemple « lun-ven 08:00-12:00 13:30-17:00 ; sam 08:00-12:00 ».
web-no-such-page = Cette page n’existe pas. Le lien est peut-être incomplet, ou ce qu’il montrait n’est plus là.
web-refused-host = Cette adresse n’est pas celle du bureau. Ouvrez le lien imprimé par « estafette desk ».
web-refused-origin = Cette demande vient d’une autre page que celles du bureau : rien n’a été fait. Revenez au bureau et recommencez.
web-refused-link = Ce lien a déjà servi, ou il est trop ancien. Lancez « estafette desk » : il en imprime un nouveau, et rien n’est perdu.
web-wrong-name-or-passphrase = Ce nom et cette phrase de passe n’ouvrent rien ici. Vérifiez le nom, tel qu’il a été choisi sur cet ordinateur, puis les majuscules et la langue du clavier.
web-kept-title = À envoyer ?
web-kept-why = L’application était verrouillée quand vous l’avez envoyé : rien n’est parti, et rien n’est perdu.
web-kept-text = Ce que vous aviez écrit
web-kept-send = Envoyer maintenant
web-kept-drop = Ne pas envoyer
web-port-taken = Le port { $port } est déjà pris. Choisissez-en un autre, ou laissez le système choisir en omettant « --port ».
web-no-browser = Aucun navigateur trouvé : ouvrez ce lien vous-même. Il ne sert qu’une fois.
web-unlock-title = Le bureau est verrouillé
web-unlock-why = Vos messages en attente partent quand même. Donnez votre phrase de passe pour lire et écrire.
web-unlock-first = Donnez votre phrase de passe : elle ouvre vos conversations sur cet ordinateur.
web-which-agent = Agent
web-change-agent = Changer d’agent
web-passphrase = Phrase de passe
web-unlock = Ouvrir
web-unlock-wait = { $seconds ->
    [one] Attendez une seconde avant l’essai suivant.
   *[other] Attendez { $seconds } secondes avant l’essai suivant.
}
web-hours-none = aucun horaire réglé
web-duty-on-until = en service jusqu’à { $when }
web-on-call-until = d’astreinte jusqu’à { $when }
web-duty-off-until = hors service, reprise { $when }
web-locked = Dernier contact : { $contact }. Sans un autre, cet appareil s’efface le { $wipe }{ $count ->
    [0] .
    [one] , avec { $count } message qui n’est pas parti.
   *[other] , avec { $count } messages qui ne sont pas partis.
}
web-last-contact = dernier contact { $when }
web-no-contact = aucun contact avec le relais
web-clock-wrong = L’horloge de cet ordinateur est fausse. Les heures affichées sont celles du relais : il est { $now }. Réglez l’horloge.
web-notices-waiting = { $count ->
    [one] Un avis de dérogation vous attend.
   *[other] { $count } avis de dérogation vous attendent.
}
web-asked-count = { $count ->
    [0] rien à confirmer
    [one] { $count } consigne à confirmer
   *[other] { $count } consignes à confirmer
}
web-absence = Pendant que vous étiez hors service
web-absence-messages = { $count ->
    [one] { $count } message
   *[other] { $count } messages
}
web-absence-announcements = { $count ->
    [one] { $count } consigne
   *[other] { $count } consignes
}
web-search = Chercher
web-search-label = Chercher dans les conversations
web-found-more = Il y en a d’autres : ajoutez un mot.
web-search-what = Écrivez un ou plusieurs mots, puis cherchez : tous vos messages sont regardés, même sans réseau.
web-no-conversation = Aucune conversation pour l’instant. Elles apparaissent dès qu’on vous fait entrer dans une équipe.
web-mentioned = on vous y nomme
web-no-keys-yet = clés pas encore reçues
web-no-keys-why = Les clés de cette conversation ne sont pas encore arrivées. Vous pourrez y écrire dès qu’elles seront là.
web-new-conversation = Nouvelle conversation
web-new-two = Avec une personne
web-new-with = Avec qui ?
web-choose = Choisir…
web-new-class = De quelle sorte ?
web-open-conversation = Ouvrir la conversation
web-archive-reads = le service d’archives la lit
web-older = Messages plus anciens
web-newer = Messages suivants
web-newest = Messages les plus récents
web-undecryptable = { $count ->
    [one] Un message ne peut pas être ouvert sur cet appareil. Ses clés arriveront peut-être ; sinon, prévenez l’administrateur.
   *[other] { $count } messages ne peuvent pas être ouverts sur cet appareil. Leurs clés arriveront peut-être ; sinon, prévenez l’administrateur.
}
web-no-message = Aucun message pour l’instant.
web-will-be-delivered = Cette personne est hors service : ce que vous écrivez sera remis { $when }.
web-will-be-delivered-to = { $count ->
    [one] Une personne sur { $people } est hors service : à elle, ce que vous écrivez sera remis { $when }.
   *[other] { $count } personnes sur { $people } sont hors service : à elles, ce que vous écrivez sera remis à partir de { $when }.
}
web-some-refused = Un message n’est pas parti. Il reste à sa place, avec la raison, et peut y être renvoyé ou copié.
web-replying-to = En réponse à
web-reply-cancel = Annuler la réponse
web-message = Message
web-off-duty-writing = Vous êtes hors service. Ce message partira à votre reprise, { $when }, sauf si vous l’annulez avant.
web-off-duty-writing-open = Vous êtes hors service. Ce message partira à votre reprise, sauf si vous l’annulez avant.
web-send = Envoyer
web-send-at-reopening = À ma reprise
web-keep-draft = Garder le brouillon
web-mention = Mentionner quelqu’un
web-back-to-conversation = Revenir à la conversation
web-who-reads = Qui peut lire quoi
web-you = vous
web-settings = Réglages
web-title = Titre de la conversation
web-save = Enregistrer
web-mute-why = Une conversation muette ne vous signale plus rien sur cet ordinateur. Les consignes et les urgences passent toujours.
web-mute-title = Sourdine
web-mute = Rendre muette
web-mute-hours = { $count ->
    [one] Muette une heure
   *[other] Muette { $count } heures
}
web-muted = La conversation est muette.
web-unmute = Ne plus rendre muette
web-older-one = 1 message plus ancien arrivé
web-older-many = # messages plus anciens arrivés
web-newer-one = 1 nouveau message
web-newer-many = # nouveaux messages
web-reply = Répondre
web-more = Actions
web-message-of = Message écrit par { $name }
web-versions-wait = { $count } versions attendent un choix
web-retry = Réessayer
web-copy = Copier
web-react = Réagir
web-react-withdraw = Retirer ma réaction
web-pin = Épingler pour tous
web-unpin = Désépingler
web-change = Modifier ce message
web-edit = Nouveau texte
web-cancel = Annuler l’envoi
web-erase = Supprimer
web-erase-title = Supprimer ce message
web-cancel-why = Annulé, il n’aura été reçu par personne.
web-erase-why = Supprimé, il disparaît de tous les appareils, et chacun voit qu’il l’a été.
web-versions = Versions
web-versions-why = Ces versions ont été écrites sans se connaître. Rien n’est perdu : l’auteur choisit celle qui reste.
web-keep-version = Garder cette version
web-announce = Diffuser une consigne
web-asked-of-you = À confirmer
web-other-announcements = Les autres
web-no-announcement = Aucune consigne pour l’instant.
web-is-correction = correction
web-corrected-by = Cette consigne a été corrigée : voir la nouvelle version
web-answer-open = Répondre à l’équipe
web-answer-issuer = Répondre à l’auteur
web-acknowledged = « Lu et compris » est enregistré ; il part dès qu’il y a du réseau.
web-progress = Où en est la consigne
web-count-held = sera remis
web-count-unreached = non joint
web-count-delivered = reçu
web-count-read = lu
web-back-to-announcements = Toutes les consignes
web-progress-caption = Personne par personne. De celles qui sont hors service, seule la reprise est dite.
web-person = Personne
web-how-far = État
web-reminded = Rappelé par le relais { $when }
web-reminder-will = Un rappel part de lui-même ({ $when }), une seule fois, aux seules personnes alors en service qui n’ont pas confirmé.
web-reminder-went = Le rappel est parti de lui-même ({ $when }), aux seules personnes alors en service qui n’avaient pas confirmé.
web-late = en retard
web-was-asked = « Lu et compris » était attendu avant { $when }
web-correct = Corriger la consigne
web-correct-why = La première version reste, barrée. Qui l’avait confirmée devra confirmer de nouveau.
web-correct-stays = La première version reste, barrée.
web-correct-due-hint = La confirmation est redemandée à chacun avant cette heure.
web-correct-due-over = L’échéance de cette consigne est passée. Choisissez-en une nouvelle, pour que chacun confirme la correction.
web-correct-unasked = Ne plus demander « Lu et compris » à personne
web-correct-choose-due = Jusqu’à quand faut-il confirmer la correction ? Choisissez une échéance, ou cochez « Ne plus demander ». Rien n’est parti.
web-correct-now = Diffuser la correction
web-corrected = La correction est enregistrée ; elle part dès qu’il y a du réseau.
web-teams = À quelles équipes ?
web-announcement-text = Texte de la consigne
web-due = « Lu et compris » attendu avant
web-due-hint = Facultatif. Sans échéance, personne n’a à confirmer.
web-due-past = L’échéance est passée, ou ne se lit pas. Choisissez une heure à venir. Rien n’est parti.
web-replies = Où vont les réponses ?
web-replies-issuer = À vous uniquement
web-replies-open = À toute l’équipe
web-preview = Voir qui la recevra
web-preview-again = Revoir qui la recevra
web-announce-now = Diffuser
web-choose-team = Choisissez au moins une équipe.
web-announced = La consigne est enregistrée ; elle part dès qu’il y a du réseau.
web-preview-title = Qui recevra, et quand
web-preview-changed = Vos choix ont changé depuis que vous avez regardé : voici ce qu’il en est maintenant. Rien n’est parti ; vérifiez, puis recommencez.
web-preview-now = { $count ->
    [0] Personne n’est en service en ce moment.
    [one] Tout de suite : { $count } personne en service.
   *[other] Tout de suite : { $count } personnes en service.
}
web-preview-leave = En congé, comptés à part : { $names }
web-my-hours = Mes horaires
web-my-hours-why = Quand je suis joignable, et ce qui se passe en dehors
web-my-proofs = Mes preuves
web-my-proofs-why = Montrer à qui je veux quand j’étais joignable
web-diagnosis = Diagnostic
web-diagnosis-why = L’état de cet appareil, sans aucun contenu
web-week-in = Semaine ordinaire ({ $zone })
web-outside-hours = En dehors de ces heures, rien ne vous est remis et personne ne sait si votre appareil est allumé. Ce que vous écrivez part à votre reprise. Seule une urgence passe, si vous êtes d’astreinte.
web-leave = Congés
web-from-until = { $from }, jusqu’à { $until }
web-prolong = Je prolonge mon service
web-prolong-why = Une heure au plus à la fois, deux heures par jour. Vous recevez et vous envoyez comme en service.
web-minutes = { $count } minutes
web-prolonged = Service prolongé de { $count } minutes.
web-rules-proposed = En attente d’approbation
web-rules-who = { $count ->
    [0] { $when } : personne ne recevrait.
    [one] { $when } : une personne recevrait, { $names }.
   *[other] { $when } : { $count } personnes recevraient, { $names }.
}
web-rules-standing = En vigueur
web-rules = Les règles en vigueur
web-proof-what = Le relais signe quand vous étiez joignable pendant une période ; vous seul pouvez le lui demander. Le fichier se vérifie sans réseau et sans compte.
web-from = Du
web-until = Au
web-proof-chain = Joindre les décisions de l’organisation, pour qui veut tout recalculer
web-proof-download = Télécharger la preuve
web-proof-verify = Pour vérifier un tel fichier : « estafette verify FICHIER ».
web-proof-order = La fin doit venir après le début. Rien n’a été demandé : corrigez l’une des deux heures.
web-proof-past = Cette période n’est pas encore finie. Le relais ne signe que ce qui a eu lieu : choisissez une fin passée.
web-proof-needs-relay = Le relais ne répond pas, et lui seul peut signer cette preuve. Rien n’est perdu : redemandez-la quand le réseau est revenu.
web-diagnosis-what = À lire à la personne qui vous aide. Il n’y a ici ni texte, ni nom, ni clé.
web-fact-version = Version
web-fact-contact = Dernier contact
web-fact-waiting = En attente de départ
web-fact-statement = Dernière décision connue
web-fact-clock = Écart de l’horloge
web-fact-store = Base
web-fact-faults = Derniers refus
web-seconds = { $count } s
web-store-unsound = { $count ->
    [one] Un défaut trouvé : prévenez l’administrateur
   *[other] { $count } défauts trouvés : prévenez l’administrateur
}
web-no-fault = Aucun.
web-urgent = Urgence
web-urgent-why = Une urgence atteint tout de suite ceux qui sont d’astreinte, même hors service. Elle laisse une trace que tous les agents lisent ; cinq au plus en 24 heures pour une même personne.
web-urgent-basis = Sur quel fondement ?
web-urgent-basis-missing = Choisissez le fondement : il n’y a pas d’urgence sans lui.
web-urgent-reason = Pourquoi ?
web-reason-missing = La raison manque : dites en une phrase pourquoi.
web-reason-long = La raison est trop longue : { $count } caractères au plus.
web-urgent-reason-hint = Le relais et tous les agents lisent cette raison : n’y nommez personne.
web-urgent-until = Jusqu’à quand est-ce urgent ?
web-urgent-until-unread = La fin de l’urgence manque. Choisissez-la, au plus tard { $latest }.
web-urgent-until-past = Cette fin est déjà passée. Choisissez-en une à venir, au plus tard { $latest }.
web-urgent-until-long = Une urgence dure 24 heures au plus : elle finit au plus tard { $latest }. Une autre peut suivre.
web-urgent-minutes = Minutes avant d’appeler la personne suivante
web-urgent-minutes-bad = Indiquez un nombre de minutes, de 1 à { $count }.
web-urgent-check = Vérifier
web-urgent-send = Envoyer en urgence
web-urgent-written = L’urgence est enregistrée ; elle part dès qu’il y a du réseau.
web-urgent-answer = J’y vais
web-rules-why = Qui les a décidées, et ce qui est proposé d’y changer
web-no-rule = Aucune règle n’a encore été décidée.
web-approve = Approuver
web-refuse = Refuser
web-take-back = Retirer ma proposition
web-notices = Dérogations et urgences
web-notices-door = Toutes, avec leur fondement et leur raison
web-notices-why = Chaque dérogation est un avis aux représentants du personnel. Tous les agents la lisent.
web-new = Nouveau :
web-statistics = Statistiques
web-statistics-door = Dérogations et envois hors horaires, par service
web-statistics-why = D’un mois terminé, par service ; aucun chiffre de moins de { $people } personnes.
web-statistics-caption = Par service
web-month = Mois
web-show = Montrer
web-service = Service
web-people = Personnes
web-derogations = Dérogations
web-off-hours = Envois hors horaires
web-administration = Administration
web-admin-rest = La durée sans contact et ce qui est demandé aux téléphones se règlent pour l’instant par « estafette admin ».
web-approvals = Appareils en attente
web-approvals-why = Comparer l’empreinte, puis admettre l’appareil ou le refuser
web-approvals-waiting = { $count ->
    [one] { $count } appareil attend : comparer l’empreinte, puis l’admettre ou le refuser
   *[other] { $count } appareils attendent : comparer l’empreinte, puis les admettre ou les refuser
}
web-approvals-none = Aucun appareil n’attend.
web-approvals-others = { $count ->
    [one] Un autre attend, avec un ticket fait sur un autre ordinateur.
   *[other] { $count } autres attendent, avec des tickets faits sur un autre ordinateur.
}
web-approvals-unreachable = Le relais ne répond pas : les appareils qui attendent ne sont pas connus ici. Cette page redemande d’elle-même.
web-approvals-twice = Deux appareils attendent pour ce numéro de série. Comparez l’empreinte sur l’écran du vôtre : admettez celui-là, et refusez l’autre.
web-approvals-too-late = Un autre appareil est déjà en service pour ce numéro de série. Refusez celui-ci ; s’il est le bon, coupez d’abord l’autre à la page « Appareils ».
web-approvals-decided = Cet appareil n’attend plus : la décision a déjà été prise, dans une autre fenêtre ou par un autre administrateur. Rien n’a changé ; son état est à la page « Appareils ».
approve-other-in-service = Un autre appareil est déjà en service pour { $name } · { $model }, série { $serial } : celui-ci n’a pas été admis. Refusez-le ; s’il est le bon, coupez d’abord l’autre.
web-device-of = agent { $agent } · { $model }, série { $serial }
web-fingerprint = Empreinte :
web-fingerprint-why = La même doit se lire sur l’écran de l’appareil. Sinon, refusez : quelqu’un d’autre a pris le ticket.
web-approve-same = C’est la même : admettre
web-refuse-device = Refuser
web-device-refused = L’appareil est refusé, son ticket est détruit.
web-devices-see-all = Voir tous les appareils
web-devices = Appareils
web-devices-why = { $count ->
    [one] { $count } appareil en service ; déclarer une perte, un remplacement, un retrait
   *[other] { $count } appareils en service ; déclarer une perte, un remplacement, un retrait
}
web-search-devices = Nom, équipe, modèle ou numéro de série
web-contacts-unknown = Le relais ne répond pas : les derniers contacts et les appareils qui attendent ne sont pas montrés.
web-device-count = { $count ->
    [0] Aucun appareil.
    [one] { $count } appareil
   *[other] { $count } appareils
}
web-devices-page = page { $page } sur { $last }
web-devices-before = Appareils précédents
web-devices-after = Appareils suivants
web-device-next = Et maintenant
web-device-successor = Si un autre appareil prend sa place, il lui faut une ligne dans l’inventaire, avec son propre numéro de série, et un ticket. Il retrouvera les conversations de cette personne.
web-device-successor-ticket = Faire le ticket de { $model }, série { $serial }
web-device-successor-import = Ajouter un appareil à l’inventaire
web-device-suspended-next = Une suspension ne se lève pas : l’appareil reste verrouillé, avec son contenu. S’il est hors de cause, effacez Estafette sur l’appareil (sur un ordinateur : « estafette forget »), puis inscrivez-le de nouveau avec un ticket.
web-device-retired-next = S’il reprend du service, inscrivez-le de nouveau avec un ticket.
web-device-again-ticket = Faire un nouveau ticket pour cet appareil
web-cut-off = Couper cet appareil
web-cut-off-why = Ses connexions sont fermées en quelques secondes, les clés sont renouvelées, et il reçoit l’ordre d’effacer son contenu. Suspendu, il se verrouille et garde son contenu.
web-cut-off-reason = Pourquoi ?
web-cut-off-now = Couper l’appareil
web-own-device = C’est l’ordinateur que vous utilisez : un autre administrateur peut le couper.
web-reason-lost = Perdu ou volé
web-reason-replaced = Remplacé
web-reason-retired = Retiré
web-reason-suspended = Suspendu
web-tickets = Tickets
web-tickets-why = Une feuille à imprimer pour chaque appareil à inscrire
web-tickets-what = Un ticket inscrit un seul appareil et vaut 24 heures. Vous approuverez ensuite l’appareil, en comparant son empreinte.
web-tickets-again = Un nouveau ticket annule celui qui a déjà été fait pour le même appareil, et refuse l’appareil qui attend avec lui.
web-tickets-none = Tous les appareils de l’inventaire sont inscrits.
web-tickets-for = Pour quels appareils ?
web-tickets-make = Faire les tickets
web-tickets-choose = Choisissez au moins un appareil, et { $count } au plus.
web-tickets-sheet = Feuille de tickets
web-tickets-once = Cette feuille se rouvre dans ce navigateur pendant une heure au plus, et nulle part ailleurs. Imprimez-la, et remettez à chacun son ticket, à personne d’autre.
web-tickets-gone = Cette feuille de tickets n’est plus montrée. S’il vous en manque, faites de nouveaux tickets : ils annulent les anciens.
web-tickets-some = { $count ->
    [one] Un ticket est fait, et le voici ; les autres ne le sont pas.
   *[other] { $count } tickets sont faits, et les voici ; les autres ne le sont pas.
}
web-print = Imprimer
web-ticket-code = Code QR du ticket de { $name }
web-ticket-for = { $model }, série { $serial } · valable jusqu’à { $until }
web-ticket-how = Scannez le code avec l’appareil, ou tapez ceci :
web-import = Inventaire et annuaire
web-import-why = { $count ->
    [0] Aucune ligne pour l’instant : importez un fichier
    [one] { $count } ligne ; importer un fichier
   *[other] { $count } lignes ; importer un fichier
}
web-import-what = Colonnes de l’inventaire : agent, nom, équipe, plateforme, modèle, numéro de série ; de l’annuaire : agent, nom, prénom, fonction, équipe. Une ligne erronée est signalée et n’empêche pas les autres.
web-import-file = Fichier CSV
web-import-content = Contenu du fichier
web-import-replace = Le fichier fait foi : il remplace les noms et les détenteurs qui diffèrent
web-import-look = Voir ce qui changerait
web-import-send = Importer
web-import-would = Ce qui changerait
web-import-done = C’est fait
web-import-counts = Lignes nouvelles : { $added } · changées : { $updated } · déjà là : { $unchanged }
web-import-teams = Équipes nouvelles : { $teams }
web-import-refused = { $count ->
    [one] { $count } ligne refusée
   *[other] { $count } lignes refusées
}
web-import-refused-why = Corrigez dans le fichier ce qui suit et importez-le de nouveau : les autres lignes ne sont pas concernées, et rien n’est pris deux fois.
web-notes = Notes
web-no-note = Aucune note pour l’instant.
web-new-note = Nouvelle note
web-note-title = Titre de la note
web-begin-note = Commencer la note
web-note-changed = changée { $when }
web-note-here = Note écrite ensemble
web-note-text = Texte de la note
web-note-why = Plusieurs personnes peuvent écrire en même temps, même sans réseau : seul ce que vous changez est envoyé, et ce que d’autres ont écrit reste.
web-note-saved = La note est enregistrée ; elle part dès qu’il y a du réseau.
web-team = Équipe
web-missed = pas vus depuis trois jours
web-duty-period = Prévoir un service
web-duty-period-why = Ouvre les horaires d’une seule personne pour un temps. Elle voit qui l’a décidé et pourquoi.
web-for-whom = Pour qui ?
web-duty-reason-hint = La personne et le relais lisent cette raison.
web-duty-order = Prévoir ce service
web-duty-ordered = Le service est prévu ; la personne le verra à son prochain contact.
web-duty-order-anyway = Prévoir ce service malgré tout
web-duty-flagged = Ce service dépasse une limite
web-duty-ahead = Services prévus
web-duty-nobody = Choisissez la personne pour qui ce service est prévu.
web-duty-unread = Le début ou la fin manque. Choisissez les deux, date et heure.
web-duty-inverted = La fin doit venir après le début. Corrigez l’un des deux.
web-duty-past = Ce service serait déjà fini. Choisissez une fin à venir.
web-duty-long = Un service prévu dure 48 heures au plus. Choisissez une fin plus proche, ou prévoyez plusieurs services avec du repos entre eux.
web-duty-same = Ce service est déjà prévu pour cette personne, aux mêmes heures. Il n’y a rien à faire de plus.
web-duty-overlap = Cette personne a déjà un service prévu pendant ces heures. Choisissez un autre moment.
web-duty-refused = Ce service ne peut pas être prévu : { $why }
web-line = Ligne
web-why = Raison

# --- The wall of the demonstration ---
wall-title = Une journée d’Estafette, sur un mur
wall-what = Quatre téléphones et l’ordinateur de l’administration : de vrais appareils et un vrai relais, tous sur cette machine. Rien n’est joué d’avance ; chaque écran se touche.
wall-passphrase = Un appareil laissé dix minutes se verrouille. Phrase de passe de tous les appareils de ce mur : « { $passphrase } ».
wall-rising = Le relais et les appareils démarrent…
wall-ending = Le relais et les appareils s’arrêtent…
wall-ready = Le mur est là (après { $seconds } s) : { $link }
    Ctrl-C arrête tout et n’en laisse rien.
wall-clock = Horloge de la démonstration
wall-forward = Elle ne va que vers l’avant.
wall-to = Aller à { $time }
wall-hour = Une heure de plus
wall-controls = Commandes
wall-storm = Tempête à 21:00
wall-rush = Rejouer une heure chargée
wall-personal = Apporter un téléphone personnel
wall-rooted = Apporter un téléphone débridé
wall-enrol = Inscrire un nouveau téléphone
wall-cut = Couper
wall-thin = Ralentir
wall-mend = Rétablir
wall-the-network = le réseau
wall-lose = Déclarer perdu
wall-network-good = Réseau normal
wall-network-thin = Réseau faible
wall-network-cut = Sans réseau
wall-down = { $bytes } octets reçus
wall-delivers = En service : le relais délivre.
wall-holds-until = Hors service : le relais retient tout jusqu’à { $when }.
wall-holds = Hors service : le relais retient tout.
wall-holds-but-calls = Hors service, d’astreinte : le relais retient tout, sauf une urgence.
wall-cut-off = Perdu : le relais ne l’admet plus. Il s’effacera à son prochain contact.
wall-cut-off-empty = Perdu : le relais ne l’admet plus, et son contenu est effacé.
wall-retired = Retiré : le relais ne l’admet plus. Il s’effacera à son prochain contact.
wall-retired-empty = Retiré : le relais ne l’admet plus, et son contenu est effacé.
wall-suspended = Suspendu : le relais ne l’admet plus. Il se verrouille, et garde son contenu.
wall-phone = Téléphone : { $name }
wall-office = Ordinateur de l’administration : { $name }
wall-pane = Ce que le relais voit
wall-pane-sum = { $entries ->
    [one] { $entries } message scellé
   *[other] { $entries } messages scellés
}, { $bytes } octets. Il n’a la clé d’aucun.
wall-sealed = Les derniers messages, tels qu’il les garde
wall-at = Reçu à
wall-size = Taille
wall-first = Premiers octets
wall-bytes = { $bytes } octets
wall-urgent = urgence
wall-decisions = Ce qu’il décide
wall-audit = Son journal, dernières lignes
wall-tour = Visite en sept étapes
wall-step = Visite, étape { $step } sur 7
wall-tour-done = La visite est finie. Tout est à vous : écrivez depuis un téléphone, ou servez-vous des commandes.
wall-told = Ce qui vient d’arriver
wall-told-nothing = Rien encore.
wall-doing = En cours : « { $what } ». Les autres commandes attendent que ce soit fini.
wall-busy = Une autre commande est en cours. Attendez qu’elle soit finie, puis essayez de nouveau.
wall-silent = La démonstration ne répond pas ; nouvel essai…
wall-over = La démonstration est terminée. Pour en voir une autre, lancez-la de nouveau et ouvrez l’adresse qu’elle indique.
wall-no-answer = La commande n’a pas été faite : la démonstration l’a refusée ou n’a pas répondu. Rechargez la page, puis essayez de nouveau.
wall-moved = L’horloge de tous les appareils et du relais a avancé.
wall-mended = { $name } a de nouveau du réseau.
wall-thinned = { $name } a un réseau faible : 50 kbit/s, 600 ms d’aller-retour.
wall-was-cut = { $name } n’a plus de réseau.
wall-lost-empty = Téléphone perdu ({ $name }) : il est coupé du relais et vidé.
wall-lost-cut = Téléphone perdu ({ $name }) : il est coupé du relais ; il s’effacera à son prochain contact.
wall-lost-off-duty = Téléphone perdu ({ $name }) : il est coupé du relais ; il s’effacera à son prochain contact. Hors service, il n’en a qu’un par heure.
wall-lost-unreached = Téléphone perdu ({ $name }) : il n’est plus admis. Sans réseau, il n’a pas encore reçu l’ordre d’effacement ; il se verrouillera de lui-même.
wall-enrolled = { $name } a un nouveau téléphone : inscrit, approuvé par l’administration, et dans sa conversation.
wall-enrolled-off-duty = { $name } a un nouveau téléphone : inscrit et approuvé par l’administration. Hors service, il viendra dans sa conversation à la prochaine prise de service.
wall-enrolled-apart = { $name } a un nouveau téléphone : inscrit et approuvé par l’administration. Il n’est pas encore dans sa conversation : un téléphone de l’équipe en service, avec du réseau, l’y fera entrer.
wall-personal-refused = Un { $other } a présenté un vrai ticket : refusé. { $why }
wall-rooted-refused = Un { $other } débridé a présenté un vrai ticket : refusé. { $why }
wall-storm-said = Il est 21:00. Léa a déclaré une urgence : elle appelle l’astreinte.
wall-rush-said = { $messages ->
    [one] { $messages } message écrit
   *[other] { $messages } messages écrits
} comme dans une heure enregistrée.
wall-not-done = Cela n’a pas été fait : { $cause }
wall-no-phone = Le téléphone de { $name } a été perdu ou retiré. Choisissez « Inscrire un nouveau téléphone », puis essayez de nouveau.
wall-no-network = Le téléphone de { $name } n’a pas de réseau. Rétablissez-le, puis essayez de nouveau.
wall-nobody-writes = Aucun téléphone en service ne peut écrire dans la conversation de l’équipe. Choisissez « Inscrire un nouveau téléphone », puis essayez de nouveau.
wall-tour-1 = À 07:40, Léa a commencé, son équipe pas encore : elle écrit tout de même.
wall-tour-1-do = Léa écrit
wall-tour-1-fact = Le message de Léa est remis au relais, qui le retient : aucun téléphone de l’équipe ne l’a.
wall-tour-2 = À 08:00, l’équipe prend son service.
wall-tour-2-do = Passer à 08:00
wall-tour-2-fact = Amine et Chloé ont reçu le message. Paul, en congé, n’a rien reçu.
wall-tour-3 = Amine entre dans une vallée sans réseau, et écrit.
wall-tour-3-do = Couper le réseau d’Amine, qui écrit
wall-tour-3-fact = Son message est gardé sur son téléphone, en attente de départ. Le relais n’en a rien.
wall-tour-4 = Il en sort.
wall-tour-4-do = Rétablir le réseau d’Amine
wall-tour-4-fact = Le message est parti seul ; Léa l’a reçu.
wall-tour-5 = Quelqu’un apporte son téléphone personnel, avec un vrai ticket.
wall-tour-5-do = Apporter un téléphone personnel
wall-tour-5-fact = Le { $other } est refusé. { $why } Personne n’attend d’approbation.
wall-tour-6 = Chloé a perdu son téléphone.
wall-tour-6-do = Déclarer perdu le téléphone de Chloé
wall-tour-6-fact = Il est coupé du relais et vidé, { $seconds } s après la déclaration.
wall-tour-7 = 21:00, la tempête : tout le monde est chez soi. Léa appelle l’astreinte.
wall-tour-7-do = Tempête à 21:00
wall-tour-7-fact = Amine, d’astreinte, a reçu l’urgence. Paul n’a rien reçu. Le journal du relais garde qui l’a déclarée.
wall-pass = Passer cette étape
wall-late = Un appareil ou le relais n’est pas là où cela l’attend. Regardez son réseau et l’horloge, puis essayez de nouveau.

# --- The register of processing, and what the relay knows ---
web-register = Ce que le relais sait
web-register-door = Le registre des traitements, tiré du relais lui-même
web-register-what = Cette page est tirée du schéma, des réglages et des comptes du relais, le { $when }. Elle est aussi l’entrée du registre des traitements (RGPD, article 30).
web-register-never = Ce que le relais n’a pas
web-register-never-what = Le texte des messages, des notes et des consignes, les noms des personnes et des équipes : le relais les transmet scellés et n’a la clé d’aucun. Il n’a ni carnet d’adresses, ni numéro de téléphone, ni position.
web-register-kept = Ce qui est gardé
web-register-why = Pourquoi
web-register-until = Jusqu’à quand
web-register-tables = { $count ->
    [one] { $count } table du relais
   *[other] { $count } tables du relais
}
web-register-rows = { $rows ->
    [0] aucune ligne
    [one] { $rows } ligne
   *[other] { $rows } lignes
}
web-register-many = { $rows } lignes ou davantage
web-register-settings = Réglages du relais
web-register-version = Version du relais : { $version }
web-register-no-wake-ups = Aucun réveil n’est envoyé à un service de notification.
web-register-wake-ups = Des réveils vides, tous pareils, sont envoyés à : { $hosts }
web-register-development = Ce relais est fait pour des essais : il admet des appareils sans preuve.
kept-days = { $days } jours
kept-days-between = de { $least } à { $most } jours
kept-no-conversation = aucune conversation encore
kept-messages = Messages scellés
kept-messages-what = De chaque message : son appareil d’envoi, sa conversation, son rang, l’heure de réception, sa taille, s’il est urgent, et le contenu scellé.
kept-messages-why = Remettre chaque message à chacun pendant ses heures de service.
kept-messages-until = Conversations d’équipe : { $teams } ; conversations à deux : { $pairs } jours. Le contenu est ensuite détruit ; rang, appareil, heure et empreinte restent, pour que la suite se vérifie.
kept-marks = Reçu, lu
kept-marks-what = De chaque appareil et conversation : deux marques scellées. Le relais voit quand elles changent, pas jusqu’où l’on a lu ; ce qui est lu hors service n’est dit qu’à la reprise.
kept-marks-why = Dire à l’auteur que son message est arrivé et lu.
kept-marks-until = Remplacées à chaque changement.
kept-statements = Décisions de l’organisation
kept-statements-what = Les décisions signées, lisibles : appareils admis et retirés, rôles, équipes, horaires, congés, astreintes, dérogations avec leur motif. Les agents y sont des numéros.
kept-statements-why = Que chacun puisse vérifier qui est admis, et quand le relais doit se taire.
kept-statements-until = Aussi longtemps que l’organisation : la chaîne ne se coupe pas.
kept-groups = Groupes et clés publiques
kept-groups-what = Qui est dans quelle conversation, par appareil, des clés publiques, et des messages de groupe scellés pour un appareil.
kept-groups-why = Que seuls les membres d’une conversation puissent l’ouvrir.
kept-groups-until = Aussi longtemps que l’organisation ; un message pour un appareil, jusqu’à ce qu’il l’ait pris.
kept-devices = Appareils
kept-devices-what = L’inventaire (modèle, numéro de série haché, numéro d’agent), les inscriptions, la preuve de chaque téléphone, le jour du dernier contact, l’adresse de réveil.
kept-devices-why = N’admettre que les appareils de l’employeur, et couper un appareil perdu.
kept-devices-until = L’inventaire et les inscriptions, aussi longtemps que l’organisation ; la preuve d’un téléphone retiré, un an.
kept-names = Annuaire scellé
kept-names-what = Un bloc scellé, que seuls les appareils admis ouvrent.
kept-names-why = Que les appareils montrent des noms au lieu de numéros.
kept-names-until = Remplacé à chaque édition.
kept-announcements = Consignes et « Lu et compris »
kept-announcements-what = De chaque consigne : l’appareil d’envoi, l’échéance, et quels agents l’ont acquittée. Son texte est scellé.
kept-announcements-why = Compter les acquittements et rappeler à qui est en service.
kept-announcements-until = Consignes : { $days }.
kept-urgencies = Urgences
kept-urgencies-what = De chaque urgence : qui a été appelé, quand, et qui a répondu. Le motif est lisible.
kept-urgencies-why = Appeler l’astreinte dans son ordre, et que les agents puissent le contrôler.
kept-urgencies-until = Comme le message dont c’est l’appel.
kept-off-hours = Compte des envois hors service
kept-off-hours-what = Par mois et par conversation, un nombre. Rien par agent.
kept-off-hours-why = La statistique des représentants du personnel.
kept-off-hours-until = Aussi longtemps que l’organisation.
kept-audit = Journal
kept-audit-what = Une ligne par acte de l’administration et par refus, chaînée et signée. Ni texte ni nom.
kept-audit-why = Qu’une ligne retirée ou changée se voie.
kept-audit-until = Aussi longtemps que l’organisation.
kept-unknown = Non décrit
kept-unknown-what = Le relais garde des tables que cette version du bureau ne connaît pas. Mettez le bureau à jour, ou demandez ce qu’elles contiennent.

# --- The desk: administrator and officer ---

web-hours-editor = Horaires
web-hours-editor-why = De l’organisation, d’une équipe ou d’un agent : vérifiés, puis proposés
web-hours-editor-what = Rien ne change ici tout de suite : les horaires sont jugés d’après le repos qu’ils laissent, puis proposés, et une deuxième personne les approuve.
web-hours-of = Montrer les horaires de
web-hours-standing = Montrer ce qui est en vigueur
web-hours-for = Pour qui ?
web-hours-everybody = Toute l’organisation
web-hours-week = Horaires de la semaine
web-hours-week-hint = Par exemple : lun-ven 08:00-12:00 13:30-17:00 ; sam 08:00-12:00
web-hours-zone = Fuseau horaire
web-hours-place-what = Sans lieu, les jours fériés comptent comme les autres jours.
web-hours-place = Fermé aussi les jours fériés de
web-hours-no-place = Aucun
web-hours-profile = Garanties de repos
web-hours-prolongation = L’agent peut prolonger son service, une heure à la fois
web-hours-at = Qui recevrait un message à ce moment ?
web-hours-look = Vérifier et voir qui recevrait
web-hours-propose = Proposer ces horaires
web-hours-understood = Compris ainsi
web-verdict-fine = Le repos est respecté
web-verdict-flag = Signalé : à regarder avant de proposer
web-verdict-refuse = Refusé : ces horaires ne laissent pas le repos dû
web-who-receives = Qui recevrait le { $when }
web-who-today = selon les règles en vigueur : { $state }
web-who-more = { $count ->
    [one] Et { $count } autre agent.
   *[other] Et { $count } autres agents.
}
web-proposal-in-force = C’est en vigueur.
web-proposal-waits = Proposé, sous le n° { $number }. Rien ne change avant qu’une deuxième personne l’approuve ici.
web-proposal-alone = Proposé, sous le n° { $number }. Personne d’autre ne peut approuver : vous pourrez confirmer ici à partir du { $when }. D’ici là, tous les agents le voient venir.
web-shifts = Planning et astreintes
web-shifts-why = Services et tours d’astreinte, depuis un fichier
web-shifts-what = Un fichier CSV ou iCalendar. Colonnes : agent, début, fin ; facultatives : date, type (service, astreinte), équipe, rang, motif, fuseau horaire. Une ligne erronée est signalée et n’empêche pas les autres.
web-shifts-file = Fichier CSV ou iCalendar
web-shifts-send = Prendre ce planning
web-shifts-refused = Lignes refusées
web-shifts-flagged = Lignes prises et signalées
web-rota-of = Astreintes de { $team }
web-teams-all = Équipes
web-teams-all-why = Qui en fait partie, qui les dirige
web-teams-none = Aucune équipe pour l’instant.
web-team-people = { $count ->
    [0] Personne pour l’instant
    [one] { $count } personne
   *[other] { $count } personnes
}
web-team-led-by = dirigée par { $names }
web-team-unled = personne ne la dirige
web-team-new = Nouvelle équipe
web-team-name = Nom de l’équipe
web-team-name-bad = Donnez un nom sur une ligne, de { $count } caractères au plus.
web-team-there = Une équipe porte déjà ce nom.
web-team-make = Créer l’équipe
web-team-made = L’équipe est faite, avec sa conversation et ses consignes.
web-team-changed = C’est fait : les appareils concernés le sauront à leur prochain contact.
web-team-empty = Personne pour l’instant. Un agent vient avec son appareil inscrit.
web-team-leads = dirige l’équipe
web-team-end-lead = Retirer la direction
web-team-remove = Retirer de l’équipe
web-team-add = Faire venir un agent
web-team-add-hint = L’agent lira ce qui s’écrit à partir de sa venue, et rien de ce qui l’a précédée.
web-team-add-now = Faire venir
web-team-who = Qui ?
web-team-who-comes = Qui vient ?
web-team-who-leads = Qui la dirige ?
web-team-appoint = Confier la direction
web-team-appoint-hint = Qui dirige une équipe y diffuse les consignes, voit qui est en service et prévoit des services.
web-team-appoint-now = Confier l’équipe
web-team-hours = Horaires de l’équipe
web-agents-all = Agents
web-rights = Droits et mandats
web-rights-why = Urgences, approbation des règles, représentants du personnel
web-right-urgency = Déclarer une urgence
web-right-urgency-what = Aucun rôle ne comprend ce droit. L’usage en est journalisé et tous les agents en voient la raison.
web-right-approver = Approuver les règles proposées
web-right-approver-what = Les administrateurs le peuvent déjà. Un responsable peut y être désigné, avec l’accord de deux personnes.
web-right-representative = Représenter le personnel
web-right-representative-what = Les représentants sont avisés de chaque dérogation au repos. Deux personnes en décident.
web-right-nobody = Personne pour l’instant.
web-right-give = Donner ce droit
web-right-propose = Proposer
web-right-withdraw = Retirer
web-exceptions = Exceptions d’attestation
web-exceptions-why = Téléphones admis sans preuve, pour un temps et avec une raison
web-exceptions-what = Un téléphone qui n’a pas pu prouver ce qu’il est peut être admis pour un temps. Deux personnes en décident ; après la date de fin, le relais le refuse.
web-exceptions-none = Aucune exception.
web-exception-new = Nouvelle exception
web-exception-no-phone = L’inventaire ne contient pas encore de téléphone.
web-exception-phone-of = Téléphone de
web-exception-reason-hint = Tous ceux qui lisent les règles lisent cette raison.
web-exception-until = Dernier jour
web-exception-propose = Proposer cette exception
web-exception-ends = admis jusqu’au { $until } compris
web-exception-over = terminée le { $until }
holiday-place = { $place ->
    [metropole] Métropole
    [alsace-moselle] Alsace-Moselle
    [alsace-moselle-sans-vendredi-saint] Alsace-Moselle, sans le Vendredi saint
    [guadeloupe] Guadeloupe
    [martinique] Martinique
    [guyane] Guyane
    [reunion] La Réunion
    [mayotte] Mayotte
    [saint-pierre-et-miquelon] Saint-Pierre-et-Miquelon
    [saint-barthelemy] Saint-Barthélemy
    [saint-martin] Saint-Martin
    [polynesie] Polynésie française
    [nouvelle-caledonie] Nouvelle-Calédonie
    [wallis-et-futuna] Wallis-et-Futuna
   *[other] { $place }
}

# --- The audit, in the desk ---
web-audit = Journal du relais
web-audit-door = chaque acte et chaque refus, vérifié sur cet ordinateur
web-audit-what = Le relais écrit une ligne par acte et par refus. Cet ordinateur refait toute la chaîne à chaque visite : une ligne retirée ou changée se voit.
web-audit-line = ligne { $number }
web-audit-older = Lignes plus anciennes
web-audit-whole = La chaîne tient : { $lines ->
    [one] { $lines } ligne
   *[other] { $lines } lignes
}, de la première à la dernière, signée par le relais le { $when }.
web-audit-missing = La chaîne ne tient pas : la ligne { $line } manque.
web-audit-altered = La chaîne ne tient pas : la ligne { $line } a été modifiée.
web-audit-unsigned = La chaîne ne tient pas : la signature de sa fin manque ou n’est pas de ce relais.
web-audit-broken-then = Gardez une copie du dossier du relais avant toute autre chose, et prévenez qui répond de la sécurité. Ce qui suit s’arrête là où la chaîne tient.
audit-by-operator = sur la machine du relais
audit-by-relay = le relais
audit-by-key = la clé de l’organisation
audit-by-stranger = un inconnu
audit-times = { $times } fois
audit-founded = Organisation fondée
audit-device-certified = Appareil admis dans l’organisation
audit-device-revoked = Appareil retiré
audit-device-wiped = Effacement confirmé par l’appareil
audit-device-barred = Téléphone écarté : sa clé est révoquée
audit-device-cleared = Téléphone de nouveau admissible
audit-device-reattested = Téléphone vérifié de nouveau
audit-revocations-taken = Liste des clés révoquées reçue
audit-lease-set = Bail hors contact changé
audit-role-set = Rôle donné
audit-roster-made = Conversation créée
audit-device-admitted = Appareil entré dans une conversation
audit-device-removed = Appareil sorti d’une conversation
audit-calendar-set = Horaires changés
audit-policy-proposed = Règle proposée
audit-policy-approved = Règle approuvée
audit-policy-withdrawn = Proposition retirée
audit-second-person = Seconde personne exigée
audit-leave-granted = Congé inscrit
audit-duty-added = Période de service ajoutée
audit-on-call-added = Astreinte ajoutée
audit-derogation-added = Dérogation au repos
audit-urgency-right = Droit d’urgence changé
audit-urgency-approved = Urgence étendue approuvée
audit-urgency-declared = Urgence déclarée
audit-call-unanswered = Personne n’a répondu
audit-duty-prolonged = Service prolongé par l’agent
audit-rota-set = Tour d’astreinte changé
audit-rest-added = Repos après intervention
audit-inventory-changed = Inventaire changé
audit-directory-replaced = Annuaire scellé remplacé
audit-ticket-opened = Ticket ouvert
audit-enrolment-begun = Inscription commencée
audit-enrolment-completed = Inscription en attente d’approbation
audit-enrolment-approved = Inscription approuvée
audit-enrolment-refused = Inscription refusée
audit-enrolment-burnt = Ticket annulé après trop d’essais
audit-clock-confirmed = Horloge du relais confirmée
audit-retention-executed = Contenus échus détruits
audit-evidence-erased = Preuve d’un téléphone retiré détruite
audit-refused = Refusé

web-interventions = Mes interventions
web-interventions-why = D’astreinte : quand, combien de temps, et le relevé à remettre
web-interventions-what = Une intervention commence quand vous répondez à un appel d’astreinte. Ce relevé est gardé sur cet ordinateur seul ; rien n’en est envoyé.
web-intervention = Du { $from } au { $until } : { $length }
web-intervention-open = Depuis le { $from }, close d’elle-même le { $until }
web-intervention-end = Clore l’intervention
web-interventions-file = Le relevé en fichier
web-interventions-rest = Pour faire décaler votre reprise et retrouver le repos dû, si vous le voulez, remettez-le à l’administration.
web-interventions-csv = Télécharger un tableau (CSV)
web-interventions-json = Télécharger en JSON

leave-page = Congés et repos
leave-page-why = Congés des agents, et reprise décalée après une intervention
leave-recorded-title = Congés enregistrés
leave-new-title = Enregistrer un congé
leave-what = Pendant un congé rien ne parvient à l’agent, même d’astreinte. Son équipe le voit « en congé », et son téléphone ne se verrouille pas pour autant.
leave-stays = Un congé enregistré ne s’efface pas. Pour faire revenir quelqu’un plus tôt, ordonnez une période de service.
leave-first-day = Premier jour
leave-last-day = Dernier jour, compris
leave-record = Enregistrer le congé
leave-recorded = Congé enregistré.
leave-none = Aucun congé en cours ni à venir.
leave-backwards = Le dernier jour précède le premier.
leave-over = Ce congé est déjà fini.
rest-title = Repos après une intervention
rest-what = Quand quelqu’un d’astreinte a travaillé, sa reprise est décalée d’autant qu’il faut pour que son repos soit complet.
rest-began = Début de l’intervention
rest-ended = Fin de l’intervention
rest-look = Voir ce que cela change
rest-record = Décaler la reprise
rest-recorded = La reprise est décalée. L’agent le voit dans ses horaires.
leave-day = Le { $day }
leave-days = Du { $first } au { $last }, compris

gather-title = À plusieurs
gather-what = Une conversation avec des agents de vos équipes. Elle appartient au service : l’archive de vos équipes la lit aussi, en tête de liste. Qui la rejoint plus tard peut tout lire.
gather-name = Titre
gather-name-hint = Dites à quoi elle sert, par exemple « Déneigement du plateau ».
gather-with = Avec qui ?
gather-nobody = Choisissez au moins une personne.
gather-make = Ouvrir la conversation à plusieurs
gather-made = { $count ->
    [one] Conversation ouverte avec { $count } personne.
   *[other] Conversation ouverte avec { $count } personnes.
}
gather-comes = Faire venir
gather-add = Ajouter à la conversation
gather-leaves = Faire partir
gather-remove = Retirer de la conversation
gather-added = Ajouté à la conversation.
gather-removed = Retiré de la conversation.
gather-history = Qui vient lit aussi ce qui a été écrit avant. Qui part garde ce qui lui a été remis, et ne reçoit plus rien.
web-left = vous n’y êtes plus
web-left-why = Vous n’êtes plus dans cette conversation. Ce qui vous a été remis reste ici, et rien d’autre n’y viendra.

derogate-title = Déroger au repos
derogate-why = Ouvrir les horaires d’agents pour un temps, sur un fondement et avec une raison
derogate-what = Les messages de tous parviendront à ces agents jusqu’à la fin que vous indiquez, 24 heures au plus. Ils le voient, tous les agents peuvent le lire, et chaque représentant du personnel en est avisé.
derogate-until = Jusqu’à quand ?
derogate-now = Ouvrir leurs horaires maintenant
web-take-away = Retirer
web-copied = Copié.


web-administrators = Administrateurs
web-administrators-why = Qui administre, et l’ordinateur d’un deuxième administrateur
web-administrators-one = Un seul ordinateur administre l’organisation. S’il est perdu, il ne reste que la feuille de secours.
web-administrators-computers = { $count ->
    [one] Un ordinateur
   *[other] { $count } ordinateurs
}
web-administrators-add = Ajouter un administrateur
web-administrators-what = Cette personne aura un numéro réservé à l’administration, même si elle est aussi agent. Le ticket sert une fois, sur son ordinateur, pendant 24 heures ; vous approuverez ensuite cet ordinateur.
web-administrators-name = Nom de l’administrateur
web-administrators-serial = Numéro de série de son ordinateur
web-administrators-serial-what = Il est collé dessous ou derrière.
web-administrators-serial-bad = Il faut le numéro de série de l’ordinateur, de { $count } caractères au plus.
web-administrators-now = Créer son ticket

beside-title = Ce qui s’y ajoute
beside-duty = Service ordonné par { $author }
beside-derogation = Dérogation de { $author } ({ $basis })
beside-rest = Repos après une intervention, noté par { $author } : votre reprise est décalée
beside-prolonged = Vous prolongez votre service
beside-rota = D’astreinte pour { $team }, appel n° { $place }
beside-on-call = D’astreinte

departures = Départs
departures-why = Clore le compte d’un agent qui quitte l’organisation
departures-what = Tous les appareils de l’agent sont coupés, et ses rôles prennent fin. Ce qu’il a écrit reste lisible, avec son nom.
departures-who = Qui part ?
departures-look = Voir ce qui prend fin
departures-devices = { $count ->
    [0] Aucun appareil à couper : seuls ses rôles prennent fin.
    [one] Un appareil sera coupé, et son contenu effacé à son prochain contact.
   *[other] { $count } appareils seront coupés, et leur contenu effacé à leur prochain contact.
}
departures-teams = Plus personne ne dirigera : { $teams }. Confiez ces équipes à quelqu’un d’autre.
departures-now = Clore son compte
departures-not = Ne rien changer
departures-nobody = Personne d’autre n’a d’appareil ni de rôle.

profile-name = { $profile ->
    [fpt] Fonction publique territoriale
    [fpe] Fonction publique de l’État
    [fph] Fonction publique hospitalière
    [interior-2002-1278] Services du ministère de l’Intérieur
    [winter-2002-259] Viabilité hivernale
   *[other] { $profile }
}
web-hours-profile-texts = Les textes de ces garanties

web-begin = Bienvenue
web-begin-what = Estafette n’est pas encore installée sur cet ordinateur. Que voulez-vous faire ?
web-begin-join = Rejoindre mon organisation
web-begin-join-why = Vous avez reçu un ticket de votre administrateur.
web-begin-create = Créer une organisation
web-begin-create-why = Vous avez le premier ticket, celui que le relais a imprimé à son installation. Comptez un quart d’heure et une imprimante, ou du papier.
web-begin-recover = Revenir avec la feuille de secours
web-begin-recover-why = L’ordinateur d’administration est perdu ou hors d’usage, et vous avez la feuille sous les yeux.
web-step-order = Derniers réglages
web-recover-what = Rien ne part au relais avant la fin de la deuxième étape. Ensuite, cet ordinateur administrera de nouveau l’organisation.
web-recover-agent = Votre numéro d’agent
web-recover-agent-what = Celui qui a créé l’organisation a le numéro 1.
web-recover-agent-bad = Un numéro d’agent s’écrit avec des chiffres, par exemple 1.
web-recover-words = Les 24 mots de la feuille
web-recover-words-what = Dans l’ordre de leurs numéros. Les accents, les majuscules et les retours à la ligne ne comptent pas.
web-recover-relay = Le relais, tel que la feuille le donne
web-recover-other-line = Ce n’est pas la ligne du relais qui est sur la feuille : c’est le ticket d’un appareil. Recopiez celle de la feuille.
web-recover-now = Administrer de nouveau l’organisation
web-recovered = Cet ordinateur administre de nouveau l’organisation
web-recovered-lost = Couper l’ordinateur perdu
web-recovered-lost-what = Tant qu’il n’est pas coupé, qui le trouve et connaît sa phrase de passe administre aussi. Choisissez-le ici ; sur sa page, coupez-le comme « perdu ».
web-recovered-lost-none = Aucun autre ordinateur n’administre l’organisation.
web-recovered-since = inscrit { $day }
web-recovered-inventory = Retrouver l’inventaire
web-recovered-inventory-what = Les noms et les équipes reviennent du relais, qui ne sait pas les lire. Les modèles et les numéros de série n’étaient que sur l’ordinateur perdu : importez de nouveau votre fichier.
web-recovered-inventory-done = L’inventaire est sur cet ordinateur.
web-recovered-teams = Retrouver vos conversations
web-recovered-teams-what = Cet ordinateur n’est encore dans aucune équipe. Une fois l’ordinateur perdu coupé, ajoutez-vous à celles dont vous lisez les conversations.
web-recovered-sheet = Ranger la feuille
web-recovered-sheet-what = Elle vaut toujours. Remettez-la dans son coffre.
web-begin-again = Tout recommencer
web-begin-unreachable = Le relais { $relay } ne répond pas. Rien n’a été commencé, et ce que vous avez écrit est encore là.
web-begin-unreachable-advice = Vérifiez que cet ordinateur est relié au réseau, puis réessayez. Si cela dure, prévenez la personne qui s’occupe du relais.
web-step = Étape { $number } sur { $count }
web-step-done = fait
web-step-ticket = Ticket
web-step-passphrase = Phrase de passe
web-step-approval = Accord
web-step-organisation = Organisation
web-step-sheet = Feuille de secours
web-step-team = Équipe
web-step-tickets = Tickets
web-next = Continuer
web-previous = Revenir à l’étape précédente
web-later = Plus tard
web-later-what = Rien n’est perdu : la page des conversations vous rappelle où continuer.
web-join-what = Collez ici le ticket que votre administrateur vous a donné. Un ticket ne sert qu’une fois, dans les 24 heures.
web-join-ticket = Ticket
web-join-ticket-what = Il commence par « estafette://e ». Des espaces ou des retours à la ligne ne gênent pas.
web-join-claim-ticket = Ce ticket crée une organisation, il n’en rejoint aucune. Demandez à votre administrateur un ticket pour cet ordinateur. Si c’est à vous de créer l’organisation, recommencez et choisissez « Créer une organisation ».
web-join-for = Ce ticket est bon. Il inscrit cet ordinateur, noté « { $model } » dans l’inventaire, auprès du relais { $relay }.
web-join-name = Votre nom sur cet ordinateur
web-join-name-what = Vous le donnerez à chaque ouverture. Des lettres, des chiffres, - ou _ ; { $count } signes au plus.
web-join-name-bad = Ce nom ne convient pas, ou quelqu’un l’a déjà pris ici. Choisissez-en un autre, sans espace.
web-join-now = Inscrire cet ordinateur
web-join-other-ticket = Prendre un autre ticket
web-passphrase-choose = Choisissez votre phrase de passe
web-passphrase-new = Nouvelle phrase de passe
web-passphrase-again = La même, encore une fois
web-passphrase-what = { $count } caractères au moins : quatre mots sans rapport entre eux font une bonne phrase.
web-passphrase-lost = Elle seule ouvre vos conversations sur cet ordinateur. Personne ne peut la retrouver pour vous.
web-passphrase-short = Cette phrase est trop courte : il faut { $count } caractères au moins.
web-passphrase-long = Cette phrase est trop longue : { $count } caractères au plus, sur une ligne.
web-passphrase-simple = Cette phrase se devine : elle se répète ou suit les touches du clavier. Prenez des mots différents.
web-passphrase-unequal = Ce n’est pas la même phrase. Écrivez-la deux fois de la même façon.
web-create-what = Rien ne part au relais avant la troisième étape : vous pouvez arrêter à tout moment.
web-create-name = Nom de l’organisation
web-create-agent-name = Votre nom
web-create-ticket = Premier ticket du relais
web-create-ticket-what = La commande « estafette-relay init » l’a imprimé. Des espaces ou des retours à la ligne ne gênent pas.
web-create-name-bad = Il faut un nom, de { $count } caractères au plus, sur une ligne.
web-create-join-ticket = Ce ticket rejoint une organisation, il n’en crée aucune. Prenez celui que le relais a imprimé à son installation. Si vous êtes agent, recommencez et choisissez « Rejoindre mon organisation ».
web-first-place = Où travaillent les agents ?
web-first-place-what = Le lieu fixe les jours fériés et l’heure légale.
web-first-hours-what = En dehors de ces heures, rien ne sonne chez les agents. Vous pourrez les changer, aussi pour une équipe. Par exemple : lun-ven 08:00-12:00 13:30-17:00 ; sam 08:00-12:00
web-sheet = Feuille de secours
web-sheet-what = Ces 24 mots sont la clé de votre organisation. Si cet ordinateur est perdu ou brûle, eux seuls permettent de nommer un nouvel administrateur.
web-sheet-once = Imprimez cette feuille, ou recopiez-la à la main. Après la vérification elle ne sera plus jamais montrée, et elle n’est gardée nulle part. N’en faites pas de photo.
web-sheet-of = Feuille de secours : { $name }
web-sheet-on-paper = À quoi elle sert : rendre un administrateur à l’organisation quand son ordinateur est perdu. Sur un nouvel ordinateur, Estafette propose « Revenir avec la feuille de secours ». Où la garder : dans un coffre, sous enveloppe fermée, loin de l’ordinateur. Qui la tient peut tout décider à la place de l’administrateur.
web-sheet-code = Les 24 mots, en code QR
web-sheet-relay = Le relais, à recopier aussi :
web-sheet-have = J’ai la feuille sur papier
web-check = Vérifions la feuille
web-check-what = Reprenez votre feuille et écrivez les trois mots demandés. Les accents ne comptent pas.
web-check-word = Mot numéro { $place }
web-check-wrong = Ce n’est pas le mot numéro { $place }. Relisez votre feuille : le numéro est devant le mot.
web-check-now = Vérifier et créer l’organisation
web-check-back = Revoir la feuille
web-check-correct = Corriger le nom, le ticket ou les horaires
web-founded = L’organisation { $name } est créée, et cet ordinateur l’administre.
web-waiting = Il manque l’accord de l’administrateur
web-waiting-refused = Cet ordinateur n’a pas été admis
web-waiting-refused-why = L’administrateur n’a pas admis cet ordinateur, ou son ticket ne vaut plus.
web-waiting-refused-advice = Demandez-lui la raison et un nouveau ticket. Rien n’a été perdu : cet ordinateur ne contient encore rien.
web-waiting-founder = Il manque un contact avec le relais
web-waiting-founder-what = Cet ordinateur administre l’organisation. Cette page continue d’elle-même dès que le relais répond.
web-waiting-other-ticket = Essayer avec un autre ticket
web-waiting-unreachable = Le relais { $relay } ne répond pas en ce moment. Votre demande y est peut-être déjà ; cet ordinateur réessaie de lui-même. Vérifiez le réseau.
web-waiting-what = Cet ordinateur est inscrit et attend d’être admis.
web-waiting-model = Modèle dans l’inventaire
web-waiting-relay = Relais
web-waiting-next = Et maintenant ?
web-waiting-first = Appelez votre administrateur, ou allez le voir, et lisez-lui l’empreinte.
web-waiting-second = Il voit la même sur son écran, et vous admet.
web-waiting-third = Cette page s’ouvre alors d’elle-même sur vos conversations. Vous pouvez la fermer en attendant.
web-waiting-looks = Cette page regarde toutes les { $seconds } secondes si c’est fait.
web-waiting-still = Ne plus regarder
web-new-agent = Nouvel agent sur cet ordinateur
web-first = Premiers pas de l’organisation
web-first-hours = Les horaires
web-first-hours-missing = Le relais n’a pas reçu les horaires de l’organisation. Posez-les maintenant.
web-first-hours-now = Poser ces horaires
web-first-hours-set = Les horaires sont posés.
web-first-team = La première équipe
web-first-team-what = Une équipe a une conversation et ses consignes. Écrivez une personne par ligne.
web-first-computers = Personnes qui ont un ordinateur
web-first-computers-what = Par exemple : Amine Kaci. Vous pouvez ajouter le modèle et le numéro de série : Amine Kaci ; Portable ; S3
web-first-phones = Personnes qui ont un téléphone
web-first-phones-what = Avec le modèle, que le téléphone prouvera : Chloé Martin ; Pixel 9a
web-first-own = J’en fais partie aussi
web-first-team-now = Créer l’équipe
web-first-import = J’ai déjà la liste dans un fichier
web-first-no-model = Il manque le nom ou le modèle du téléphone sur la ligne de « { $name } ».
web-first-too-many = Il y a plus de { $count } lignes : prenez plutôt un fichier.
web-first-team-made = L’équipe { $name } est faite.
web-first-tickets = Le premier ticket
web-first-tickets-none = L’inventaire ne contient encore aucun appareil à inscrire.
web-first-done = C’est prêt
web-first-done-what = Donnez à chacun son ticket. Voici où vous reviendrez.
web-first-approvals = Chaque appareil attend ici votre accord, avec son empreinte
web-first-hours-later = Pour toute l’organisation, une équipe ou un agent
web-first-inventory = Ajouter des personnes et des appareils
web-first-second-person = Ajoutez bientôt un deuxième administrateur : seul, vous attendez 24 heures pour chaque règle.
web-first-reminder = Votre organisation n’a pas encore d’équipe.
web-first-go-on = Continuer les premiers pas
web-first-serial = À relever, n° { $number }
web-first-computer = Ordinateur
web-tickets-next = Quand les appareils sont inscrits, comparez leur empreinte :
web-form-too-large = Ce que vous avez envoyé est trop long. Rien n’en a été pris, et rien n’est perdu.
web-form-too-large-advice = Revenez à la page précédente avec le bouton « Précédent » du navigateur : votre texte y est encore. Raccourcissez-le, ou envoyez-le en plusieurs fois.
web-right-officer = Veiller aux données
web-right-officer-what = Le délégué à la protection des données ou l’archiviste lit le journal du relais et les statistiques. Cela ne lui ouvre aucune conversation.
officer-appointed = { $name } veille désormais aux données.
officer-ended = { $name } ne veille plus aux données.
urgencies-title = Urgences déclarées
urgencies-what = Les cent dernières. Chacun peut lire qui a dérangé des personnes d’astreinte, sur quel fondement et pourquoi ; les messages eux-mêmes restent à leur conversation.
urgencies-unknown = Le relais les dit à qui est en service, et n’a pas répondu maintenant.
urgencies-none = Aucune urgence n’a été déclarée.
urgency-declared-by = { $at }, par { $author }
urgency-by-withdrawn = un appareil retiré
urgency-terms = { $basis }, jusqu’à { $until }
urgency-terms-erased = La durée de conservation est passée : la raison n’est plus gardée.
urgency-nobody = Personne n’a répondu.

// keda-judge reads cases (a list in JSON) on standard input, and prints for each, one line of JSON, why KEDA's admission
// webhook refuses to create a ScaledObject; an empty text if it does not. A case is a list of objects of one namespace,
// which no other case has: what is there already, and the ScaledObject last.
//
// There is no server: KEDA's own webhook gets the request that an API server would send, and reads from a client that
// knows the objects of the cases.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	kedav1alpha1 "github.com/kedacore/keda/v2/apis/keda/v1alpha1"
	admissionv1 "k8s.io/api/admission/v1"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

const path = "/validate-keda-sh-v1alpha1-scaledobject"

// alone is a manager of a webhook without a cluster.
type alone struct {
	manager.Manager
	client client.Client
	server webhook.Server
}

func (a alone) GetClient() client.Client                       { return a.client }
func (a alone) GetConfig() *rest.Config                        { return &rest.Config{} }
func (a alone) GetEventRecorder(_ string) events.EventRecorder { return nil }
func (a alone) GetRESTMapper() meta.RESTMapper                 { return a.client.RESTMapper() }
func (a alone) GetScheme() *runtime.Scheme                     { return a.client.Scheme() }
func (a alone) GetWebhookServer() webhook.Server               { return a.server }

func main() {
	must(kedav1alpha1.AddToScheme(scheme.Scheme))
	mapper := meta.NewDefaultRESTMapper(nil)
	mapper.Add(appsv1.SchemeGroupVersion.WithKind("Deployment"), meta.RESTScopeNamespace)
	mapper.Add(schema.FromAPIVersionAndKind("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet"), meta.RESTScopeNamespace)
	mux := http.NewServeMux()
	known := fake.NewClientBuilder().WithScheme(scheme.Scheme).WithRESTMapper(mapper).Build()
	a := alone{client: known, server: webhook.NewServer(webhook.Options{WebhookMux: mux})}
	must((&kedav1alpha1.ScaledObject{}).SetupWebhookWithManager(a, false))

	var cases [][]json.RawMessage
	must(json.NewDecoder(os.Stdin).Decode(&cases))
	decoder := serializer.NewCodecFactory(scheme.Scheme).UniversalDeserializer()
	for _, objects := range cases {
		last := len(objects) - 1
		for _, data := range objects[:last] {
			object, _, err := decoder.Decode(data, nil, nil)
			must(err)
			must(known.Create(context.Background(), object.(client.Object)))
		}
		line, err := json.Marshal(refusal(mux, objects[last]))
		must(err)
		fmt.Println(string(line))
	}
}

// refusal returns the answer of the webhook to the creation of an object.
func refusal(mux http.Handler, object []byte) string {
	no := false
	review := admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
		Request: &admissionv1.AdmissionRequest{
			UID:       "1",
			Operation: admissionv1.Create,
			DryRun:    &no,
			Object:    runtime.RawExtension{Raw: object},
		},
	}
	body, err := json.Marshal(review)
	must(err)
	request := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, request)
	var answer admissionv1.AdmissionReview
	must(json.Unmarshal(recorder.Body.Bytes(), &answer))
	if answer.Response.Allowed {
		return ""
	}
	return answer.Response.Result.Message
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
